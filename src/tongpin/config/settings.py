"""Django's settings. Nothing is decided here that an operator may decide: those come from ``environment``."""

from __future__ import annotations

import os
from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from tongpin import __version__
from tongpin.config import environment
from tongpin.config.database import database
from tongpin.config.logs import logging_config

PACKAGE = Path(__file__).resolve().parent.parent
DATA = environment.data_dir()

VERSION = __version__
DEBUG = environment.flag("TONGPIN_DEBUG")
TESTING = environment.flag("TONGPIN_TESTING")
GALLERY = environment.flag("TONGPIN_GALLERY", TESTING)
SECRET_KEY = environment.secret_key(DATA)
SECRET_KEY_FALLBACKS = environment.old_secret_keys(DATA)
SITE_URL = os.environ.get("TONGPIN_URL", "http://127.0.0.1:8400").rstrip("/")
ALLOWED_HOSTS = environment.allowed_hosts(SITE_URL)
CSRF_TRUSTED_ORIGINS = [SITE_URL]
API_RATE = int(os.environ.get("TONGPIN_API_RATE", "600"))  # requests a minute for one token
METRICS_TOKEN = os.environ.get("TONGPIN_METRICS_TOKEN", "")
SIGN_UP = environment.sign_up()
AUDIT_DAYS = environment.audit_days()
BACKUP_AT = environment.backup_at()
BACKUP_DIR = environment.backup_dir(DATA)
BACKUP_KEEP = environment.backup_keep()

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "tongpin.modules.workspaces",  # before allauth: its pages are ours
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "allauth.mfa",
    "django_htmx",
    "template_partials",
    "csp",
    "procrastinate.contrib.django",
    "tongpin.kernel.tenancy",
    "tongpin.kernel.events",
    "tongpin.kernel.actions",
    "tongpin.kernel.search",
    "tongpin.kernel.mail",
    "tongpin.kernel.push",
    "tongpin.kernel.files",
    "tongpin.kernel.store",
    "tongpin.kernel.upkeep",
    "tongpin.ui",
    "tongpin.modules.notifications",
    "tongpin.modules.relations",
    "tongpin.modules.discussions",
    "tongpin.modules.goals",
    "tongpin.modules.digests",
    "tongpin.modules.analytics",
    "tongpin.config",
]

MIDDLEWARE = [
    "tongpin.config.middleware.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tongpin.kernel.i18n.middleware.ReaderMiddleware",
    "tongpin.config.middleware.BodyLimit",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tongpin.modules.workspaces.browsers.NoteBrowser",
    "django_htmx.middleware.HtmxMiddleware",
    "tongpin.config.middleware.DomainErrors",
]

ROOT_URLCONF = "tongpin.config.urls"
WSGI_APPLICATION = "tongpin.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tongpin.ui.context.page",
            ],
            "builtins": [
                "tongpin.ui.templatetags.ui",
                "django.templatetags.i18n",
                "template_partials.templatetags.partials",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASES = {"default": database(DATA)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shared_cache",
        # Throttles count here: with Django's 300 rows anyone could push the counters out.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_NAME = "tongpin_session"
SESSION_COOKIE_SECURE = SITE_URL.startswith("https://")
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SESSION_COOKIE_SECURE else 0
CSRF_COOKIE_NAME = "tongpin_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "tongpin.config.views.csrf_failed"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if environment.flag("TONGPIN_BEHIND_PROXY") else None
)
# The header in which a proxy or CDN writes the visitor's country; "" believes none.
COUNTRY_HEADER = environment.header("TONGPIN_COUNTRY_HEADER")
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

AUTH_USER_MODEL = "tenancy.User"
AUTHENTICATION_BACKENDS = [
    "tongpin.modules.workspaces.passwords.PasswordBackend",
    "tongpin.modules.workspaces.ldap.backend.DirectoryBackend",
]
LDAP = environment.ldap()
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
if TESTING:  # Argon2 is slow on purpose; the suite signs hundreds of people in
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *PASSWORD_HASHERS]
# Length and not being known count (NIST SP 800-63B); which kinds of characters it has does not.
PASSWORD_LENGTH = environment.password_length()
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("name", "email")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": PASSWORD_LENGTH},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = "strict"
# Members are let in all the same (accounts.VerificationStage); "optional" would tell strangers who has an account.
ACCOUNT_EMAIL_VERIFICATION = environment.verify_email()
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True  # only in the browser that signed up
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_ADAPTER = "tongpin.modules.workspaces.accounts.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "tongpin.modules.workspaces.accounts.SocialAccountAdapter"
ACCOUNT_FORMS = {
    "login": "tongpin.modules.workspaces.ldap.form.SignInForm",
    "signup": "tongpin.modules.workspaces.account_forms.SignUpForm",
    "reset_password": "tongpin.modules.workspaces.account_forms.AskResetForm",
    "set_password": "tongpin.modules.workspaces.account_forms.FirstPasswordForm",
    "reset_password_from_key": "tongpin.modules.workspaces.account_forms.ResetPasswordForm",
    "add_email": "tongpin.modules.workspaces.account_forms.ChangeAddressForm",
}
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_EMAIL_NOTIFICATIONS = True
USERSESSIONS_TRACK_ACTIVITY = True
MFA_ADAPTER = "tongpin.modules.workspaces.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_FORMS = {
    "authenticate": "tongpin.modules.workspaces.second_factor.CodeForm",
    "authenticate_webauthn": "tongpin.modules.workspaces.second_factor.PasskeyForm",
    "reauthenticate_webauthn": "tongpin.modules.workspaces.second_factor.ConfirmByPasskeyForm",
    "login_webauthn": "tongpin.modules.workspaces.second_factor.SignInByPasskeyForm",
    "add_webauthn": "tongpin.modules.workspaces.second_factor.AddPasskeyForm",
    "edit_webauthn": "tongpin.modules.workspaces.second_factor.RenamePasskeyForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RATE_LIMITS = {
    "webauthn_login": "60/m/ip"
}  # a company comes from one address, and each sign-in asks twice
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1  # steps of 30 s: phones' clocks differ
MFA_ALLOW_UNVERIFIED_EMAIL = True  # whoever is let in without a confirmed address was vouched for (ADR 5)
SOCIALACCOUNT_PROVIDERS = environment.sign_in_providers()
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_STORE_TOKENS = False
OIDC_ONLY = environment.flag("TONGPIN_OIDC_ONLY")  # no passwords are kept here, and nobody signs up with one
LDAP_SIGN_IN = environment.flag("TONGPIN_LDAP_SIGN_IN", True)  # else the directory is only followed
SOCIALACCOUNT_ONLY = OIDC_ONLY and not (LDAP and LDAP_SIGN_IN)  # no form at all

EMAIL_BACKEND = "tongpin.kernel.mail.backend.OutboxBackend"
MAIL_TRANSPORT = environment.smtp()
ROBOT_HOSTS = environment.robot_hosts()
FORWARD_HOSTS = environment.forward_hosts()
INBOX_ROWS = environment.at_least_one("TONGPIN_INBOX_ROWS", 5_000_000)  # requests that wait for the store
INBOX_BYTES = environment.at_least_one("TONGPIN_INBOX_MB", 4096) * 1024**2
QUESTION_SECONDS = environment.at_least_one(
    "TONGPIN_QUESTION_SECONDS", 30
)  # that one insight may take the store
IMPORT_BYTES = environment.at_least_one("TONGPIN_IMPORT_MB", 4096) * 1024**2  # of one uploaded file of events
UPGRADE_FEED = environment.upgrade_feed()
PUSH_HOSTS = environment.push_hosts()
DEFAULT_FROM_EMAIL = os.environ.get("TONGPIN_MAIL_FROM", "Tongpin <tongpin@localhost>")

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", _("Simplified Chinese"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = ["tongpin.kernel.i18n.formats"]
LOCALE_PATHS = [PACKAGE / "kernel" / "locale", PACKAGE / "config" / "locale"]

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 3600

LOGGING_CONFIG = None
logging_config()

SILENCED_SYSTEM_CHECKS: list[str] = []
