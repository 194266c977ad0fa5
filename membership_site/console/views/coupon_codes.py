"""One coupon: found by its code, made void, or given to a member by hand."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from benefits import actions as benefits_actions
from benefits import queries as benefits_queries
from benefits.queries import CouponView
from kit import clock
from members import queries as members_queries
from members.queries import MemberKey
from membership_site.console.access import Capability, Person, insist, staff_page
from membership_site.console.forms.coupons import IssueForm, VoidForm
from membership_site.console.pages import coupons as pages
from membership_site.console.pages.members import member_url
from membership_site.console.views.shell import show


@require_safe
@staff_page(Capability.SEE_BENEFITS)
def show_code(request: HttpRequest, person: Person) -> HttpResponse:
    """Will show the coupon of a code, however it is typed. At most 16 queries."""
    typed = request.GET.get("code", "").strip()
    found = benefits_queries.find_coupon(typed) if typed else None
    return _page(request, person, typed, found, VoidForm())


@require_POST
@staff_page(Capability.ISSUE_COUPONS)
def void(request: HttpRequest, person: Person) -> HttpResponse:
    """Will make a coupon void with a reason; one that many share only operators may stop."""
    typed = request.POST.get("code", "")
    found = benefits_queries.find_coupon(typed)
    if found is None:
        raise Http404(_("There is no coupon of this code."))
    if found.member_id is None:
        insist(person, Capability.EDIT_BENEFITS)
    form = VoidForm(request.POST)
    if not form.is_valid():
        return _page(request, person, typed, found, form, 422)
    try:
        benefits_actions.void(
            coupon_id=found.candidate.coupon_id,
            reason=form.cleaned_data["reason"],
            at=clock.now(),
            actor=person.actor,
        )
    except benefits_actions.NotVoided as error:
        held = error.code == "held"
        form.add_error(
            None,
            _("A checkout holds it just now. Try again when that is over. Nothing was changed.")
            if held
            else _("It is used already, so there is nothing to make void. Nothing was changed."),
        )
        return _page(request, person, typed, found, form, 422)
    messages.success(request, _("The coupon is void. Nobody can use it any more."))
    return redirect(f"{reverse('console:coupon_code')}?code={found.candidate.code}")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Capability.ISSUE_COUPONS)
def issue(request: HttpRequest, person: Person, number: str) -> HttpResponse:
    """Will give a member one coupon with a reason, once for a form. At most 16 queries."""
    insist(person, Capability.SEE_MEMBERS)
    key = members_queries.find_by_number(number)
    if key is None:
        raise Http404(_("No member has this number."))
    form = IssueForm(
        request.POST or None, initial={"form_key": pages.new_key()}, coupons=pages.coupon_choices(), auto_id="issue_%s"
    )
    if form.is_bound and form.is_valid() and _give(form, key, person):
        messages.success(request, _("The member has the coupon and can use it."))
        return redirect(f"{member_url(key.number, 'coupons')}#coupons")
    name = members_queries.names_of([key.id])[key.id][1] or _("No name")
    context = {"form": form, "number": key.number, "name": name, "back": member_url(key.number, "coupons")}
    status = 422 if form.errors else 200
    return show(request, person, "console/coupons/issue.html", context, current="members", status=status)


def _give(form: IssueForm, key: MemberKey, person: Person) -> bool:
    """Will give the member the coupon that was chosen, or say at the form why not. At most eight queries."""
    if not pages.can_be_given(key.status) or key.joined_at is None:
        form.add_error(None, _("Who has not joined, is blocked or erased is given nothing. Nothing was issued."))
        return False
    if person.id in members_queries.log_ins_of(key.id):
        form.add_error(None, _("This is your own membership; another person decides. Nothing was changed."))
        return False
    sent = form.cleaned_data
    try:
        benefits_actions.issue_by_hand(
            member_id=key.id,
            definition=sent["coupon"],
            reason=sent["reason"],
            form_key=str(sent["form_key"]),
            at=clock.now(),
            actor=person.actor,
        )
    except (benefits_actions.NotIssued, benefits_actions.UnknownCoupon):
        form.add_error("coupon", _("This coupon is over or archived. Choose another. Nothing was issued."))
    except benefits_actions.OtherContent:
        form.add_error(None, _("This form was sent before with other content. Open it anew. Nothing was issued."))
    return not form.errors


def _page(
    request: HttpRequest, person: Person, typed: str, found: CouponView | None, form: VoidForm, status: int = 200
) -> HttpResponse:
    page = pages.coupon_page(found, clock.now(), may_see_members=person.may(Capability.SEE_MEMBERS)) if found else None
    asks = Capability.EDIT_BENEFITS if page and page.is_shared else Capability.ISSUE_COUPONS
    context = {
        "typed": typed,
        "page": page,
        "form": form,
        "may_void": page is not None and page.voided_at is None and person.may(asks),
    }
    return show(request, person, "console/coupons/code.html", context, current="coupons", status=status)
