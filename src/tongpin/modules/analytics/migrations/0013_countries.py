from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analytics", "0012_segments")]

    operations = [
        migrations.AddField(
            model_name="source",
            name="country_from",
            field=models.CharField(
                choices=[
                    ("address", "Worked out from the address"),
                    ("told", "As the event says, else from the address"),
                    ("none", "Do not keep it"),
                ],
                default="address",
                max_length=8,
            ),
        ),
    ]
