"""The starter's messages: topics that members choose by, and what the house says of itself and can offer."""

import datetime as dt
from typing import Any

from members.enums import Purpose
from messaging import actions as messaging_actions
from messaging.queries import templates as templates_queries
from messaging.rules.content import content_from


def _names(en: str, hans: str, hant: str) -> dict[str, str]:
    return {"en": en, "zh-hans": hans, "zh-hant": hant}


TOPICS: tuple[tuple[str, dict[str, str], dict[str, str]], ...] = (
    (
        "offers",
        _names("Offers", "优惠", "優惠"),
        _names(
            "Coupons, double points and rewards that are only here for a while.",
            "优惠券、双倍积分和限时奖励。",
            "優惠券、雙倍積分和限時獎賞。",
        ),
    ),
    (
        "points",
        _names("Points", "积分", "積分"),
        _names(
            "Ways to earn points, and what they buy.",
            "赚取积分的方法，以及积分能换什么。",
            "賺取積分的方法，以及積分能換甚麼。",
        ),
    ),
    (
        "tier",
        _names("Your tier", "会员等级", "會員等級"),
        _names(
            "What a higher tier gives, and how far it is.",
            "更高等级有哪些权益，还差多少。",
            "更高等級有哪些禮遇，還差多少。",
        ),
    ),
    (
        "news",
        _names("News", "新闻", "最新消息"),
        _names(
            "What is new in the shop and in the programme.",
            "商店和会员计划的新消息。",
            "商店和會員計劃的新消息。",
        ),
    ),
)

HELLO = _names(
    'Hello{% if first_name %} {{ first_name }}{% endif %},',
    '{% if first_name %}{{ first_name }}，{% endif %}您好：',
    '{% if first_name %}{{ first_name }}，{% endif %}您好：',
)  # fmt: skip


Said = dict[str, tuple[str, ...]]
"""By language: title, body, and the words on the button."""

PROVES = "verify_address"

SERVICE: tuple[tuple[str, str, str, Said], ...] = (
    (
        "verify_address",
        "Code that proves an address",
        "",
        {
            "en": (
                "{{ code }} is your code",
                ("Type {{ code }} on the page that asked for it. It is good for {{ minutes }} minutes, and once. If "
                "you did not ask for it, do nothing: nobody gets in without it. We never ask you for a code."),
                "",
            ),
            "zh-hans": (
                "您的验证码是 {{ code }}",
                ("请在索要验证码的页面输入 {{ code }}。{{ minutes }} 分钟内有效，只能使用一次。"
                "如果不是您本人操作，请忽略：没有验证码谁也无法进入。我们绝不会向您索要验证码。"),
                "",
            ),
            "zh-hant": (
                "您的驗證碼是 {{ code }}",
                ("請在索取驗證碼的頁面輸入 {{ code }}。{{ minutes }} 分鐘內有效，只能使用一次。"
                "如果不是您本人操作，請忽略：沒有驗證碼誰也無法進入。我們絕不會向您索取驗證碼。"),
                "",
            ),
        },
    ),
    (
        "welcome",
        "Welcome to a new member",
        "/",
        {
            "en": (
                "Welcome to {{ programme_name }}",
                ("You are a member now; your number is {{ number }}.{% if points %} You have {{ points|points }} to "
                "begin with.{% endif %} Every order brings points, and points take money off later orders."),
                "See your membership",
            ),
            "zh-hans": (
                "欢迎加入{{ programme_name }}",
                ("您已成为会员，会员号是{{ number }}。{% if points %}您现在有{{ points|points }}。{% endif %}"
                "每笔订单都会累积积分，积分可在以后的订单中抵扣现金。"),
                "查看会员中心",
            ),
            "zh-hant": (
                "歡迎加入{{ programme_name }}",
                ("您已成為會員，會員編號是{{ number }}。{% if points %}您現在有{{ points|points }}。{% endif %}"
                "每張訂單都會累積積分，積分可在之後的訂單扣減現金。"),
                "查看會員中心",
            ),
        },
    ),
    (
        "tier_changed",
        "A tier was reached",
        "/tiers/",
        {
            "en": (
                "You are {{ to_tier }} now",
                ("You have moved up{% if from_tier %} from {{ from_tier }}{% endif %} to {{ to_tier }}."
                "{% if valid_until %} It is valid until {{ valid_until }}.{% endif %} What it gives is yours "
                "from today."),
                "See what it gives",
            ),
            "zh-hans": (
                "您已升级为{{ to_tier }}",
                ("您已{% if from_tier %}从{{ from_tier }}{% endif %}升级为{{ to_tier }}。"
                "{% if valid_until %}有效期至{{ valid_until }}。{% endif %}对应的权益即日生效。"),
                "查看权益",
            ),
            "zh-hant": (
                "您已升級為{{ to_tier }}",
                ("您已{% if from_tier %}由{{ from_tier }}{% endif %}升級為{{ to_tier }}。"
                "{% if valid_until %}有效期至{{ valid_until }}。{% endif %}相關禮遇即日生效。"),
                "查看禮遇",
            ),
        },
    ),
    (
        "tier_fallen",
        "A tier has ended",
        "/tiers/",
        {
            "en": (
                "Your tier is {{ to_tier }} now",
                ("Your time as {{ from_tier|default('a higher tier') }} has ended, and you are {{ to_tier }}."
                "{% if to_next_tier and next_tier %} {{ to_next_tier }} more brings {{ next_tier }} back.{% endif %} "
                "Points and coupons you hold stay as they are."),
                "See how it was counted",
            ),
            "zh-hans": (
                "您目前的等级是{{ to_tier }}",
                ("您的{{ from_tier|default('原等级') }}有效期已结束，目前的等级是{{ to_tier }}。"
                "{% if to_next_tier and next_tier %}再消费{{ to_next_tier }}即可升级为{{ next_tier }}。{% endif %}"
                "您持有的积分和优惠券不受影响。"),
                "查看计算方式",
            ),
            "zh-hant": (
                "您目前的等級是{{ to_tier }}",
                ("您的{{ from_tier|default('原有等級') }}有效期已結束，目前的等級是{{ to_tier }}。"
                "{% if to_next_tier and next_tier %}再消費{{ to_next_tier }}即可升級為{{ next_tier }}。{% endif %}"
                "您持有的積分和優惠券不受影響。"),
                "查看計算方式",
            ),
        },
    ),
    (
        "tier_ending",
        "A tier is about to end",
        "/tiers/ahead/",
        {
            "en": (
                ("{% if more_spend %}{{ more_spend }} more keeps {{ from_tier }}{% else %}{{ from_tier }} ends on "
                "{{ ends_on }}{% endif %}"),
                ("You hold {{ from_tier }} until {{ ends_on }}.{% if more_spend %} {{ more_spend }} more by "
                 "then keeps it."
                "{% elif more_orders and more_orders == 1 %} One more order by then keeps "
                "it.{% elif more_orders %} {{ more_orders }} more "
                "orders by then keep it.{% endif %} Without it you become {{ to_tier }}"
                "{% if falls_on and falls_on != ends_on %} after {{ falls_on }}{% endif %}."),
                "See the ways to keep it",
            ),
            "zh-hans": (
                ("{% if more_spend %}再消费{{ more_spend }}即可保级{{ from_tier }}{% else %}{{ from_tier }}将于"
                "{{ ends_on }}到期{% endif %}"),
                ("您的{{ from_tier }}有效期至{{ ends_on }}。{% if more_spend %}在此之前再消费{{ more_spend }}"
                 "即可保级。"
                "{% elif more_orders %}在此之前再下{{ more_orders }}单即可保级。{% endif %}否则"
                "{% if falls_on and falls_on != ends_on %}{{ falls_on }}之后{% else %}到期后{% endif %}"
                "等级将变为{{ to_tier }}。"),
                "查看保级方法",
            ),
            "zh-hant": (
                ("{% if more_spend %}再消費{{ more_spend }}即可保級{{ from_tier }}{% else %}{{ from_tier }}將於"
                "{{ ends_on }}到期{% endif %}"),
                ("您的{{ from_tier }}有效期至{{ ends_on }}。{% if more_spend %}在此之前再消費{{ more_spend }}"
                 "即可保級。"
                "{% elif more_orders %}在此之前再下{{ more_orders }}張訂單即可保級。{% endif %}否則"
                "{% if falls_on and falls_on != ends_on %}{{ falls_on }}之後{% else %}到期後{% endif %}"
                "等級將變為{{ to_tier }}。"),
                "查看保級方法",
            ),
        },
    ),
    (
        "points_lapsing",
        "Points are about to end",
        "/rewards/",
        {
            "en": (
                "{{ points_ending|points }} end on {{ ends_on|day }}",
                ("{{ points_ending|points }} of yours can be used until {{ ends_on }}. Use them on an order or for a "
                "reward before then; the others stay."),
                "See what they buy",
            ),
            "zh-hans": (
                "{{ points_ending|points }}将于{{ ends_on|day }}过期",
                ("您有{{ points_ending|points }}，使用期限至{{ ends_on }}。请在此之前用于订单抵扣或兑换奖励；"
                "其余积分不受影响。"),
                "查看可兑换的奖励",
            ),
            "zh-hant": (
                "{{ points_ending|points }}將於{{ ends_on|day }}到期",
                ("您有{{ points_ending|points }}，使用期限至{{ ends_on }}。請在此之前用於訂單扣減或兌換獎賞；"
                "其餘積分不受影響。"),
                "查看可兌換的獎賞",
            ),
        },
    ),
    (
        "order_receipt",
        "Points earned by an order",
        "/points/",
        {
            "en": (
                "{{ points_given|points }} for your order",
                ("Order {{ order_number }} brings {{ points_given|points }}. Together you have "
                 "{{ points|points }} that "
                "can be used now; what is on hold follows when the time for returns is over."),
                "See your points",
            ),
            "zh-hans": (
                "本次订单获得{{ points_given|points }}",
                ("订单{{ order_number }}带来{{ points_given|points }}。您目前可用的共有{{ points|points }}；"
                "待到账的积分在退货期结束后入账。"),
                "查看积分",
            ),
            "zh-hant": (
                "本次訂單獲得{{ points_given|points }}",
                ("訂單{{ order_number }}帶來{{ points_given|points }}。您目前可用的共有{{ points|points }}；"
                "待入賬的積分在退貨期結束後入賬。"),
                "查看積分",
            ),
        },
    ),
    (
        "redemption_receipt",
        "A reward was redeemed",
        "/redeemed/",
        {
            "en": (
                "{{ reward_name }} is yours",
                "You redeemed {{ reward_name }} for {{ points_spent|points }}. {{ points|points }} are left.",
                "See how to use it",
            ),
            "zh-hans": (
                "您已兑换{{ reward_name }}",
                "您用{{ points_spent|points }}兑换了{{ reward_name }}，还剩{{ points|points }}。",
                "查看使用方法",
            ),
            "zh-hant": (
                "您已兌換{{ reward_name }}",
                "您用{{ points_spent|points }}兌換了{{ reward_name }}，尚餘{{ points|points }}。",
                "查看使用方法",
            ),
        },
    ),
    (
        "refund_receipt",
        "A refund took points back",
        "/points/",
        {
            "en": (
                "Your refund for order {{ order_number }}",
                ("{% if refund_amount %}{{ refund_amount }} of order {{ order_number }} was refunded."
                "{% else %}Order {{ order_number }} was refunded.{% endif %} The {{ points_taken|points }} it "
                "had brought "
                "were taken back. You have {{ points|points }} now."),
                "See how it was counted",
            ),
            "zh-hans": (
                "订单{{ order_number }}的退款",
                ("{% if refund_amount %}订单{{ order_number }}已退款{{ refund_amount }}。{% else %}"
                 "订单{{ order_number }}"
                "已退款。{% endif %}该订单带来的{{ points_taken|points }}已扣回，您目前有{{ points|points }}。"),
                "查看计算方式",
            ),
            "zh-hant": (
                "訂單{{ order_number }}的退款",
                ("{% if refund_amount %}訂單{{ order_number }}已退款{{ refund_amount }}。{% else %}"
                 "訂單{{ order_number }}"
                "已退款。{% endif %}該訂單帶來的{{ points_taken|points }}已扣回，您目前有{{ points|points }}。"),
                "查看計算方式",
            ),
        },
    ),
)  # fmt: skip

MARKETING: tuple[tuple[str, str, str, str, Said], ...] = (
    (
        "win_back",
        "Win back somebody who has gone quiet",
        "offers",
        "/rewards/",
        {
            "en": (
                "{% if points > 0 %}{{ points|points }} are waiting{% else %}It has been a while{% endif %}",
                ("It has been a while since your last order.{% if points > 0 %} You still have "
                 "{{ points|points }}, worth "
                "{{ points_worth }}.{% endif %}{% if coupon_name and coupon_until %} And there is a coupon for you: "
                "{{ coupon_name }}, until {{ coupon_until }}.{% endif %}"),
                "See what is new",
            ),
            "zh-hans": (
                "{% if points > 0 %}您还有{{ points|points }}{% else %}好久不见{% endif %}",
                ("您有一段时间没有下单了。{% if points > 0 %}您还有{{ points|points }}，可抵{{ points_worth }}。"
                 "{% endif %}"
                "{% if coupon_name and coupon_until %}另有一张优惠券：{{ coupon_name }}，"
                "使用期限至{{ coupon_until }}。{% endif %}"),
                "看看有什么新品",
            ),
            "zh-hant": (
                "{% if points > 0 %}您還有{{ points|points }}{% else %}好久不見{% endif %}",
                ("您有一段時間沒有下單了。{% if points > 0 %}您還有{{ points|points }}，可抵{{ points_worth }}。"
                 "{% endif %}"
                "{% if coupon_name and coupon_until %}另有一張優惠券：{{ coupon_name }}，"
                "使用期限至{{ coupon_until }}。{% endif %}"),
                "看看有甚麼新品",
            ),
        },
    ),
    (
        "birthday",
        "Birthday wishes",
        "offers",
        "/coupons/",
        {
            "en": (
                "Happy birthday{% if first_name %}, {{ first_name }}{% endif %}",
                ("All the best for your birthday.{% if coupon_name and coupon_until %} Your present is "
                 "{{ coupon_name }}, "
                "until {{ coupon_until }}.{% endif %}{% if points_given %} We added {{ points_given|points }}"
                ".{% endif %}"),
                "See your coupons",
            ),
            "zh-hans": (
                "{% if first_name %}{{ first_name }}，{% endif %}生日快乐",
                ("祝您生日快乐。{% if coupon_name and coupon_until %}送您一张优惠券：{{ coupon_name }}，使用期限至"
                "{{ coupon_until }}。{% endif %}{% if points_given %}另赠{{ points_given|points }}。{% endif %}"),
                "查看优惠券",
            ),
            "zh-hant": (
                "{% if first_name %}{{ first_name }}，{% endif %}生日快樂",
                ("祝您生日快樂。{% if coupon_name and coupon_until %}送您一張優惠券：{{ coupon_name }}，使用期限至"
                "{{ coupon_until }}。{% endif %}{% if points_given %}另贈{{ points_given|points }}。{% endif %}"),
                "查看優惠券",
            ),
        },
    ),
    (
        "welcome_offer",
        "Offer to a new member",
        "offers",
        "/coupons/",
        {
            "en": (
                "{{ coupon_name|default('A coupon for your first order') }}",
                ("{% if coupon_name and coupon_until %}Your welcome coupon is ready: {{ coupon_name }}, until "
                "{{ coupon_until }}.{% else %}Your welcome coupon is ready.{% endif %} It applies by itself when you "
                "order as a member."),
                "See your coupons",
            ),
            "zh-hans": (
                "{{ coupon_name|default('首单优惠券') }}",
                ("{% if coupon_name and coupon_until %}您的新人优惠券已到账：{{ coupon_name }}，使用期限至"
                "{{ coupon_until }}。{% else %}您的新人优惠券已到账。{% endif %}以会员身份下单时自动使用。"),
                "查看优惠券",
            ),
            "zh-hant": (
                "{{ coupon_name|default('首張訂單優惠券') }}",
                ("{% if coupon_name and coupon_until %}您的新人優惠券已入賬：{{ coupon_name }}，使用期限至"
                "{{ coupon_until }}。{% else %}您的新人優惠券已入賬。{% endif %}以會員身份下單時自動使用。"),
                "查看優惠券",
            ),
        },
    ),
    (
        "double_points",
        "Days of multiplied points",
        "points",
        "/points/",
        {
            "en": (
                ("{{ multiplier|default('More') }}{% if multiplier %} times the{% endif %} points"
                "{% if starts_on %} from {{ starts_on|day }}{% endif %}"),
                ("{% if starts_on and ends_on %}From {{ starts_on }} to {{ ends_on }} every order "
                 "brings{% else %}Every "
                "order brings{% endif %} {% if multiplier %}{{ multiplier }} times the points{% else %}more points"
                "{% endif %}. They are added by themselves."),
                "See your points",
            ),
            "zh-hans": (
                ("{% if starts_on %}{{ starts_on|day }}起{% endif %}{% if multiplier %}{{ multiplier }}"
                 "倍积分{% else %}"
                "积分加赠{% endif %}"),
                ("{% if starts_on and ends_on %}{{ starts_on }}至{{ ends_on }}，{% endif %}每笔订单可得"
                "{% if multiplier %}{{ multiplier }}倍积分{% else %}更多积分{% endif %}，自动入账。"),
                "查看积分",
            ),
            "zh-hant": (
                ("{% if starts_on %}{{ starts_on|day }}起{% endif %}{% if multiplier %}{{ multiplier }}"
                 "倍積分{% else %}"
                "積分加贈{% endif %}"),
                ("{% if starts_on and ends_on %}{{ starts_on }}至{{ ends_on }}，{% endif %}每張訂單可得"
                "{% if multiplier %}{{ multiplier }}倍積分{% else %}更多積分{% endif %}，自動入賬。"),
                "查看積分",
            ),
        },
    ),
    (
        "new_reward",
        "A new reward",
        "points",
        "/rewards/",
        {
            "en": (
                "New: {{ reward_name|default('a reward for your points') }}",
                ("{% if reward_name %}{{ reward_name }} can be had for points now.{% else %}There is a new "
                 "reward for "
                "points.{% endif %} You have {{ points|points }}."),
                "See the rewards",
            ),
            "zh-hans": (
                "新奖励：{{ reward_name|default('积分好礼') }}",
                ("{% if reward_name %}现在可用积分兑换{{ reward_name }}。{% else %}有新的奖励可用积分兑换。"
                 "{% endif %}"
                "您目前有{{ points|points }}。"),
                "查看奖励",
            ),
            "zh-hant": (
                "新獎賞：{{ reward_name|default('積分好禮') }}",
                ("{% if reward_name %}現在可用積分兌換{{ reward_name }}。{% else %}有新的獎賞可用積分兌換。"
                 "{% endif %}"
                "您目前有{{ points|points }}。"),
                "查看獎賞",
            ),
        },
    ),
    (
        "how_satisfied",
        "Ask how satisfied members are",
        "news",
        "{{ satisfaction_url }}",
        {
            "en": (
                "How satisfied are you with us?",
                "Your answer takes one press, and we read every one. It changes nothing about your points or benefits.",
                "Answer",
            ),
            "zh-hans": (
                "您对我们满意吗？",
                "回答只需点一下，我们会认真阅读每一份。回答不影响您的积分和权益。",
                "去回答",
            ),
            "zh-hant": (
                "您對我們滿意嗎？",
                "回答只需按一下，我們會細閱每一份。回答不影響您的積分和禮遇。",
                "去回答",
            ),
        },
    ),
)  # fmt: skip

PUSHED = frozenset({"win_back", "birthday", "welcome_offer", "double_points", "new_reward"})
"""Those that have words for a notification besides."""


def load(*, at: dt.datetime, actor: str) -> bool:
    """Will make the starter's topics and publish its templates where there are none of these yet; True if it did."""
    known = {topic.code for topic in templates_queries.list_topics()}
    new = [(place, topic) for place, topic in enumerate(TOPICS, start=1) if topic[0] not in known]
    for place, (code, names, abouts) in new:
        messaging_actions.make_topic(code=code, names=names, abouts=abouts, position=10 * place, at=at, actor=actor)
    made = [
        messaging_actions.publish_first_template(
            code=code,
            name=name,
            purpose=Purpose.MARKETING if topic else Purpose.SERVICE,
            topic=topic,
            content=content_from(_content(code, url, said)),
            at=at,
            actor=actor,
        )
        for code, name, topic, url, said in (*((*one[:2], "", *one[2:]) for one in SERVICE), *MARKETING)
    ]
    return bool(new) or any(made)


def _content(code: str, url: str, said: Said) -> dict[str, Any]:
    """Will return the words of a template as they are kept: an e-mail and an inbox message of the same words."""
    channels: dict[str, dict[str, dict[str, str]]] = {"email": {}, "inbox": {}}
    for language, (title, body, button) in said.items():
        channels["email"][language] = {
            "subject": title,
            "format": "text",
            "body": f"{HELLO[language]}\n\n{body}",
            "button": button,
            "url": url,
        }
        channels["inbox"][language] = {"title": title, "body": body, "button": button, "url": url}
        if code in PUSHED:
            channels.setdefault("push", {})[language] = {"title": title, "body": body, "url": url}
    if code == PROVES:
        # It goes to the address that is to be proved, and nowhere else.
        channels["sms"] = {language: {"text": said[language][0]} for language in said}
        del channels["inbox"]
    return channels
