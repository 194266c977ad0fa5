"""The members' addresses, at the root of the site."""

from django.urls import path

from membership_site import preferences
from membership_site.portal.views import (
    benefits,
    challenges,
    checkin,
    coupons,
    gifts,
    membership,
    orders,
    programme,
    rewards,
    session,
    shop,
    statement,
)

app_name = "portal"

urlpatterns = [
    path("", membership.show_overview, name="overview"),
    path("check-in/", checkin.check_in, name="check_in"),
    path("points/", membership.show_points, name="points"),
    path("points/statement.json", statement.download_statement, name="statement_file"),
    path("proof/", statement.show_proof, name="proof"),
    path("proof/roots.json", statement.download_roots, name="roots_file"),
    path("points/give/", gifts.give, name="give"),
    path("coupons/", coupons.show_coupons, name="coupons"),
    path("orders/", orders.show_orders, name="orders"),
    path("orders/<str:source>/<path:order_id>/", orders.show_order, name="order"),
    path("rewards/", rewards.show_rewards, name="rewards"),
    path("rewards/<slug:code>/", rewards.show_reward, name="reward"),
    path("redeemed/", rewards.show_mine, name="mine"),
    path("redeemed/<uuid:redemption_id>/", rewards.show_redeemed, name="redeemed"),
    path("redeemed/<uuid:redemption_id>/undo/", rewards.undo, name="undo_redemption"),
    path("redeemed/<uuid:redemption_id>/code/", rewards.reveal, name="reveal_code"),
    path("parcels/<int:fulfilment_id>/", rewards.show_parcel, name="parcel"),
    path("shop/", shop.show_shop, name="shop"),
    path("shop/hold/", shop.hold, name="shop_hold"),
    path("shop/<uuid:checkout>/", shop.show_checkout, name="shop_checkout"),
    path("shop/<uuid:checkout>/do/", shop.act, name="shop_act"),
    path("programme/", programme.show_programme, name="programme"),
    path("tiers/", membership.show_tiers, name="tiers"),
    path("tiers/benefits/", benefits.show_comparison, name="compare"),
    path("benefits/", benefits.show_benefits, name="benefits"),
    path("benefits/saved/", benefits.show_saved, name="saved"),
    path("benefits/<slug:code>/book/", benefits.book, name="book"),
    path("benefits/bookings/<int:booking_id>/cancel/", benefits.cancel, name="cancel_booking"),
    path("tiers/ahead/", membership.show_ahead, name="ahead"),
    path("tiers/decisions/<int:seq>/", challenges.challenge, name="challenge"),
    path("code/", membership.show_code, name="code"),
    path("me/", membership.show_me, name="me"),
    path("login/", session.log_in, name="login"),
    path("logout/", session.log_out, name="logout"),
    path("preferences/language/", preferences.choose_language, name="language"),
    path("preferences/theme/", preferences.choose_theme, name="theme"),
]
