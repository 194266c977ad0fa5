"""The console's addresses."""

from django.urls import path

from membership_site.console.views import audit, jobs, member, members, order, overview, session

app_name = "console"

urlpatterns = [
    path("", overview.show_overview, name="overview"),
    path("login/", session.log_in, name="login"),
    path("logout/", session.log_out, name="logout"),
    path("members/", members.show_members, name="members"),
    path("members/views/", members.save_view, name="save_view"),
    path("members/views/<int:view_id>/delete/", members.delete_view, name="delete_view"),
    path("members/<slug:number>/", member.show_member, name="member"),
    path("members/<slug:number>/reveal/", member.reveal, name="reveal"),
    path("members/<slug:number>/orders/<str:source>/<path:order_id>/", order.show_order, name="order"),
    path("jobs/", jobs.show_jobs, name="jobs"),
    path("jobs/run/", jobs.run_step, name="run_step"),
    path("jobs/approve/", jobs.approve, name="approve"),
    path("audit/", audit.show_audit, name="audit"),
]
