import pytest

pytestmark = [pytest.mark.django_db(transaction=True)]


def test_shots(visit, face_cast):
    for who, path, lang, theme, w in [
        ("mei", "/", "en", "light", 390),
        ("mei", "/", "en", "light", 1440),
        ("mei", "/", "zh-hans", "dark", 390),
        ("mei", "/", "zh-hans", "light", 1440),
        ("mei", "/points/", "en", "light", 390),
        ("mei", "/points/", "zh-hant", "dark", 1440),
        ("mei", "/tiers/", "en", "light", 390),
        ("mei", "/tiers/", "en", "dark", 1440),
        ("mei", "/me/", "en", "light", 390),
        ("neo", "/", "en", "light", 390),
        ("tom", "/", "en", "light", 390),
        (None, "/login/", "en", "light", 390),
        (None, "/nowhere/", "en", "light", 1440),
        ("out", "/", "en", "light", 390),
    ]:
        v = visit(path, getattr(face_cast, who) if who else None, language=lang, theme=theme, width=w)
        print(who, path, v.status, v.complaints)
        if path == "/points/":
            v.page.evaluate("[...document.querySelectorAll('details')].slice(0,40).forEach((d,i)=>d.open=i%3==1||i==9)")
        v.page.screenshot(path=f"/tmp/shots/{who}-{path.strip('/') or 'home'}-{lang}-{theme}-{w}.png", full_page=True)
