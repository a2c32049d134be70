"use strict";

const openMenus = () => document.querySelectorAll("details.menu[open]");

function closeMenus(except) {
  for (const menu of openMenus()) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  closeMenus(event.target.closest("details.menu"));
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented) return;
  const [menu] = openMenus();
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
    return;
  }
  document.querySelector("[data-close]")?.click();
});

// A second click on a form that is already on its way would send it twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
});

// The back button restores pages as they were left.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
});

// What is about to be booked is said where it is done.
function sayTime() {
  const button = document.querySelector("button[data-says-time]");
  const time = document.querySelector(".slot > input:checked")?.nextSibling;
  if (button && time) button.textContent = button.dataset.saysTime.replace("{time}", time.textContent.trim());
}

document.addEventListener("change", sayTime);
window.addEventListener("pageshow", sayTime);

function scrollWeek() {
  const week = document.querySelector(".week");
  const target = week?.querySelector(".week-scroll-target");
  if (!target || week.scrollHeight <= week.clientHeight) return;
  const kept = [".week-day-head", ".week-allday"].map((name) => week.querySelector(name));
  const height = kept.reduce((sum, row) => sum + (row?.offsetHeight ?? 0), 0);
  const offset = target.getBoundingClientRect().top - week.getBoundingClientRect().top;
  week.scrollTop += offset - height - 8;
}

function offerOwnZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const link of document.querySelectorAll("a[data-own-zone]")) {
    if (!zone || link.dataset.ownZone === zone) continue;
    const url = new URL(link.href);
    url.searchParams.set("tz", zone);
    link.href = url.href;
    link.textContent = link.dataset.offer.replace("{zone}", zone.replaceAll("_", " "));
    link.hidden = false;
  }
}

scrollWeek();
offerOwnZone();
