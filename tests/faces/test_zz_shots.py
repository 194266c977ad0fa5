import pytest
pytestmark = [pytest.mark.django_db(transaction=True)]
def test_shots(visit, face_cast):
    for who, path, lang, theme, w in [
        ("mei","/","en","light",390),("mei","/","zh-hant","dark",390),("mei","/code/","en","dark",390),("mei","/points/","en","light",1440),("out","/","en","light",390)]:
        v=visit(path, getattr(face_cast,who) if who else None, language=lang, theme=theme, width=w)
        if path=="/points/": v.page.evaluate("[...document.querySelectorAll('details')].forEach((d,i)=>d.open=[2,8,9,10,11].includes(i))")
        v.page.screenshot(path=f"/tmp/shots/{who}-{path.strip('/') or 'home'}-{lang}-{theme}-{w}.png", full_page=True)
    import json
    for path in ("/","/points/","/tiers/"):
        v=visit(path, face_cast.mei)
        s=v.context.new_cdp_session(v.page); s.send("Network.enable"); s.send("Network.setCacheDisabled",{"cacheDisabled":True})
        R={};U={}
        s.on("Network.responseReceived",lambda e:U.__setitem__(e["requestId"],e["response"]["url"])); s.on("Network.loadingFinished",lambda e:R.__setitem__(e["requestId"],e["encodedDataLength"]))
        v.page.reload(); v.page.wait_for_load_state("networkidle")
        print(path, len(R), round(sum(R.values())/1024,1), {U.get(k,"?").split("/")[-1][:24]:round(x/1024,1) for k,x in R.items()})
