"""The console's addresses."""

from django.urls import path

from membership_site.console.views import (
    adjustments,
    approvals,
    audit,
    jobs,
    member,
    members,
    overview,
    policies,
    preview,
    proof,
    reports,
    session,
)

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
    path("members/<slug:number>/adjust/", adjustments.adjust, name="adjust"),
    path("members/<slug:number>/adjust/effect/", adjustments.show_effect, name="adjust_effect"),
    path("members/<slug:number>/write-off/", adjustments.write_off, name="write_off"),
    path("members/<slug:number>/reinstate/", adjustments.reinstate, name="reinstate"),
    path("members/<slug:number>/undo/<int:adjustment_id>/", adjustments.undo, name="undo"),
    path("approvals/", approvals.show_approvals, name="approvals"),
    path("approvals/<int:adjustment_id>/", approvals.decide, name="decide"),
    path("rules/", policies.show_rules, name="rules"),
    path("rules/versions/<int:number>/", policies.show_version, name="rules_version"),
    path("rules/draft/", policies.show_draft, name="rules_draft"),
    path("rules/draft/start/", policies.start_draft, name="rules_start"),
    path("rules/draft/discard/", policies.discard_draft, name="rules_discard"),
    path("rules/draft/settings/", policies.edit_settings, name="rules_settings"),
    path("rules/draft/publish/", policies.publish, name="rules_publish"),
    path("rules/draft/rule/", policies.edit_rule, name="rules_rule"),
    path("rules/draft/change/", policies.change_rules, name="rules_change"),
    path("jobs/", jobs.show_jobs, name="jobs"),
    path("jobs/run/", jobs.run_step, name="run_step"),
    path("jobs/approve/", jobs.approve, name="approve"),
    path("policies/<int:version_id>/preview/", preview.show_preview, name="preview"),
    path("policies/<int:version_id>/preview/start/", preview.start_preview, name="start_preview"),
    path("policies/<int:version_id>/preview.csv", preview.download_preview, name="preview_csv"),
    path("proof/", proof.show_proof, name="proof"),
    path("proof/sheet.csv", proof.download_sheet, name="proof_csv"),
    path("audit/", audit.show_audit, name="audit"),
    path("reports/", reports.show_reports, name="reports"),
    path("reports/<slug:code>/", reports.show_report, name="report"),
    path("reports/<slug:code>/<slug:table>.csv", reports.download_table, name="report_table"),
]
