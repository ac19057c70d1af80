"""Addresses of sign-in, people, workspaces and the server. allauth's are listed one by one: a page of theirs that
is not here, and so has no page of ours, cannot be reached.
"""

from allauth.account import views as account
from allauth.socialaccount import views as social
from django.urls import include, path, re_path

from tongpin.modules.workspaces.views import (
    activity,
    calendar,
    departments,
    front,
    invitations,
    members,
    oidc,
    profile,
    project,
    projects,
    settings,
    system,
    tokens,
)
from tongpin.modules.workspaces.views.home import personal
from tongpin.ui.access import public

_own = [
    path("", front.front, name="front"),
    path("workspaces/", front.list_workspaces, name="list"),
    path("workspaces/new/", front.new_workspace, name="new"),
    path("workspaces/propose/", front.propose, name="propose"),
    path("workspaces/<uuid:workspace>/restore/", front.restore, name="restore"),
    path("invite/<str:token>/", invitations.accept, name="invite"),
    path("profile/", profile.profile, name="profile"),
    path("profile/avatar/", profile.avatar, name="avatar"),
    path("profile/sessions/others/end/", profile.end_others, name="sessions_end_others"),
    path("profile/sessions/<str:session>/end/", profile.end, name="session_end"),
    path("w/<slug:slug>/settings/", settings.general, name="settings"),
    path("w/<slug:slug>/settings/logo/", settings.logo, name="logo"),
    path("w/<slug:slug>/settings/delete/", settings.delete, name="delete"),
    path("w/<slug:slug>/leave/", settings.leave, name="leave"),
    path("w/<slug:slug>/members/", members.list_members, name="members"),
    path("w/<slug:slug>/members/invite/", invitations.invite, name="invite_members"),
    path("w/<slug:slug>/members/link/", invitations.make_link, name="invite_link"),
    path("w/<slug:slug>/members/pick/", members.pick, name="pick_member"),
    path("w/<slug:slug>/members/<uuid:member>/", members.show_member, name="member"),
    path("w/<slug:slug>/members/<uuid:member>/role/", members.role, name="member_role"),
    path("w/<slug:slug>/members/<uuid:member>/deactivate/", members.deactivate, name="member_deactivate"),
    path("w/<slug:slug>/members/<uuid:member>/reactivate/", members.reactivate, name="member_reactivate"),
    path("w/<slug:slug>/invitations/<uuid:invitation>/resend/", invitations.resend, name="invitation_resend"),
    path("w/<slug:slug>/invitations/<uuid:invitation>/revoke/", invitations.revoke, name="invitation_revoke"),
    path("w/<slug:slug>/departments/", departments.index, name="departments"),
    path("w/<slug:slug>/departments/new/", departments.new, name="department_new"),
    path("w/<slug:slug>/departments/move/", departments.move, name="department_move"),
    path("w/<slug:slug>/departments/<uuid:department>/", departments.show, name="department"),
    path("w/<slug:slug>/departments/<uuid:department>/edit/", departments.edit, name="department_edit"),
    path("w/<slug:slug>/departments/<uuid:department>/place/", departments.place, name="department_place"),
    path("w/<slug:slug>/departments/<uuid:department>/delete/", departments.delete, name="department_delete"),
    path("w/<slug:slug>/departments/<uuid:department>/members/", departments.staff, name="department_staff"),
    path("w/<slug:slug>/projects/", projects.index, name="projects"),
    path("w/<slug:slug>/projects/new/", projects.new, name="project_new"),
    path("w/<slug:slug>/projects/propose-key/", projects.propose, name="project_key"),
    path("w/<slug:slug>/projects/in-sidebar/", projects.sidebar, name="projects_in_sidebar"),
    path("w/<slug:slug>/projects/<key:key>/", project.overview, name="project"),
    path("w/<slug:slug>/projects/<key:key>/members/", project.members, name="project_members"),
    path("w/<slug:slug>/projects/<key:key>/members/set/", project.set_members, name="project_set_members"),
    path("w/<slug:slug>/projects/<key:key>/settings/", project.settings, name="project_settings"),
    path("w/<slug:slug>/projects/<key:key>/archive/", project.archive, name="project_archive"),
    path("w/<slug:slug>/projects/<key:key>/unarchive/", project.unarchive, name="project_unarchive"),
    path("w/<slug:slug>/projects/<key:key>/delete/", project.delete, name="project_delete"),
    path("w/<slug:slug>/projects/<key:key>/join/", project.join, name="project_join"),
    path("w/<slug:slug>/projects/<key:key>/leave/", project.leave, name="project_leave"),
    path("w/<slug:slug>/projects/<key:key>/pin/", project.pin, name="project_pin"),
    path("w/<slug:slug>/projects/<key:key>/unpin/", project.unpin, name="project_unpin"),
    path("w/<slug:slug>/tokens/", tokens.tokens, name="tokens"),
    path("w/<slug:slug>/tokens/<uuid:token>/revoke/", tokens.revoke, name="token_revoke"),
    path("w/<slug:slug>/activity/", activity.show, name="activity"),
    path("w/<slug:slug>/settings/calendar/", calendar.show, name="calendar"),
    path("w/<slug:slug>/settings/calendar/edit/", calendar.edit, name="calendar_edit"),
    path("w/<slug:slug>/settings/calendar/day/", calendar.day, name="calendar_day"),
    path("w/<slug:slug>/settings/calendar/mark/", calendar.mark, name="calendar_mark"),
    path("w/<slug:slug>/settings/calendar/days-off.ics", calendar.export, name="calendar_ics"),
    path("system/", system.system, name="system"),
    path("system/parked/retry/", system.retry, name="parked_retry"),
    path("system/mail/<uuid:mail>/retry/", system.retry_one_mail, name="mail_retry"),
]

_allauth = [
    path("login/", public(account.login), name="account_login"),
    path("logout/", public(account.logout), name="account_logout"),
    path("signup/", public(account.signup), name="account_signup"),
    path("inactive/", public(account.account_inactive), name="account_inactive"),
    path("confirm-email/", public(account.email_verification_sent), name="account_email_verification_sent"),
    re_path(
        r"^confirm-email/(?P<key>[-:\w]+)/$", public(account.confirm_email), name="account_confirm_email"
    ),
    path("password/reset/", public(account.password_reset), name="account_reset_password"),
    path("password/reset/done/", public(account.password_reset_done), name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        public(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        public(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    path("password/change/", personal(account.password_change), name="account_change_password"),
    path("password/set/", personal(account.password_set), name="account_set_password"),
    path("email/", personal(account.email), name="account_email"),
    path("reauthenticate/", personal(account.reauthenticate), name="account_reauthenticate"),
    path("sessions/", profile.sessions, name="usersessions_list"),
    path("connections/", personal(social.connections), name="socialaccount_connections"),
    path("oidc/signup/", public(social.signup), name="socialaccount_signup"),
    path("oidc/cancelled/", public(social.login_cancelled), name="socialaccount_login_cancelled"),
    path("oidc/error/", public(social.login_error), name="socialaccount_login_error"),
    path("oidc/<str:provider_id>/login/", oidc.login, name="openid_connect_login"),
    path("oidc/<str:provider_id>/login/callback/", oidc.callback, name="openid_connect_callback"),
]

urlpatterns = [
    path("accounts/", include(_allauth)),
    path("", include((_own, "workspaces"))),
]
