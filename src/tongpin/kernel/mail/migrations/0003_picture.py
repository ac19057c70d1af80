from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mail", "0002_unsubscribe"),
    ]

    operations = [
        migrations.AddField(
            model_name="outboxmail",
            name="picture",
            field=models.BinaryField(null=True),
        ),
    ]
