"""The stream is the audit log: the database itself refuses to change or to remove what is younger than 180 days."""

from django.db import migrations, models

# Three things are let through: a restore moves positions (``stream.rebase``), rows of a workspace whose time to be
# restored is over go with it, and rows past the least time of retention may be forgotten (``retention``).
GUARD = """
CREATE FUNCTION events_event_guard() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        RAISE EXCEPTION 'events are append-only' USING ERRCODE = 'insufficient_privilege';
    ELSIF TG_OP = 'UPDATE' THEN
        IF NEW.xid < OLD.xid AND NEW.xid < 0 AND to_jsonb(NEW) - 'xid' = to_jsonb(OLD) - 'xid' THEN
            RETURN NEW;
        END IF;
    ELSIF OLD.at < now() - interval '180 days' THEN
        RETURN OLD;
    ELSIF EXISTS (
        SELECT 1 FROM public.tenancy_workspace w
        WHERE w.id = OLD.workspace_id AND w.deleted_at < now() - interval '29 days'
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'events are append-only: % of %', TG_OP, OLD.uid USING ERRCODE = 'insufficient_privilege';
END
$guard$;
CREATE TRIGGER events_event_append_only BEFORE UPDATE OR DELETE ON events_event
    FOR EACH ROW EXECUTE FUNCTION events_event_guard();
CREATE TRIGGER events_event_no_truncate BEFORE TRUNCATE ON events_event
    FOR EACH STATEMENT EXECUTE FUNCTION events_event_guard();
"""
UNGUARD = """
DROP TRIGGER events_event_no_truncate ON events_event;
DROP TRIGGER events_event_append_only ON events_event;
DROP FUNCTION events_event_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial"), ("tenancy", "0002_second_factor_required")]

    operations = [
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                fields=["at", "id"], name="event_of_accounts", condition=models.Q(workspace=None)
            ),
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
