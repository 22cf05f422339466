"""The customer has to come back, or to begin again."""

from collections.abc import Callable, Mapping

Flagged = Callable[..., Mapping[str, str]]


def test_a_repeat_is_friction_at_the_later_contact(flagged: Flagged) -> None:
    """
    repeats_contact_id repeat_gap_seconds return_of
    –                  –                  –
    c1                 27h                –
    –                  –                  retry
    """
    assert flagged("repeat_contact") == {
        "c2": "back 1 d 3 h after a contact that should have been enough"
    }


def test_leaving_a_channel_that_failed_is_friction(flagged: Flagged) -> None:
    """
    switch previous_served previous_resolved continuity previous_channel gap_seconds
    –      –               –                 –          –                –
    yes    no              –                 unknown    web_form         20m
    yes    yes             no                same_case  email            2h
    yes    yes             yes               restart    email            2d
    """
    assert flagged("channel_switch") == {
        "c2": "moved from web form to voice after 20 min",
        "c3": "moved from email to voice after 2 h",
        "c4": "moved from email to voice after 2 d",
    }


def test_a_continuous_hop_after_an_answer_is_a_service(flagged: Flagged) -> None:
    """
    switch previous_served previous_resolved continuity
    yes    yes             yes               same_case
    yes    –               –                 unknown
    no     no              no                restart
    –      no              no                restart
    """
    assert flagged("channel_switch") == {}


def test_there_and_back_again_is_ping_pong(flagged: Flagged) -> None:
    """
    channel_group channel_group_last channel_group_before
    voice         –                  –
    written       voice              –
    voice         written            voice
    chat          written            voice
    voice         voice              voice
    """
    assert flagged("channel_ping_pong") == {"c3": "from voice to written and back"}


def test_only_a_proven_restart_is_friction(flagged: Flagged) -> None:
    """
    continuity channel      gap_seconds
    –          email        –
    restart    social_public 90s
    unknown    email        1h
    same_case  email        1h
    retry      voice        1m
    """
    assert flagged("restart") == {
        "c2": "began again by social public, 1 min 30 s after the contact before"
    }


def test_a_reopened_case_is_friction(flagged: Flagged) -> None:
    """
    reopens reopened
    0       no
    2       yes
    –       no
    1       no
    –       –
    """
    assert flagged("reopen") == {"c2": "solved, then opened again, times: 2"}


def test_a_transfer_is_friction_from_the_first_on(flagged: Flagged) -> None:
    """
    transfers
    0
    1
    2
    –
    """
    assert list(flagged("transfer")) == ["c2", "c3"]
    assert flagged("transfer", at_least=2) == {"c3": "handed on, transfers: 2"}


def test_nobody_known_is_a_loss_and_says_why(flagged: Flagged) -> None:
    """
    customer_id unidentified
    ana         –
    –           shared_identifier
    –           –
    """
    assert flagged("unidentified_contact") == {
        "c2": "nobody can tell whose it is: shared identifier",
        "c3": "nobody can tell whose it is: unknown",
    }
