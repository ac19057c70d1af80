from __future__ import annotations

import re
import string

from tongpin.lib import access_key


def test_a_scanner_finds_it_by_its_form_and_knows_it_by_its_checksum():
    made = {access_key.new("tpw_") for _ in range(200)}
    assert len(made) == 200
    for secret in made:
        assert re.fullmatch(r"tpw_[0-9A-Za-z]{49}", secret)
        assert access_key.is_proper(secret)


def test_any_changed_sign_is_noticed():
    secret = access_key.new("tpw_")
    for at in range(4, len(secret)):
        other = next(sign for sign in string.ascii_letters if sign != secret[at])
        assert not access_key.is_proper(secret[:at] + other + secret[at + 1 :])


def test_another_prefix_or_length_is_none():
    secret = access_key.new("tpw_")
    for wrong in (
        "tpk_" + secret[4:],
        secret[:-1],
        secret + "0",
        secret.upper(),
        "",
        "tpw_",
        f" {secret}",
        f"{secret}\n",
    ):
        assert not access_key.is_proper(wrong)
    assert access_key.is_proper(access_key.new("tpk_"))
