from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations


class Migration(migrations.Migration):
    """PostgreSQL needs this to compare a plain column inside an exclusion constraint."""

    dependencies = []
    operations = [BtreeGistExtension()]
