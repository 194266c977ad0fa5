"""The console's reports: a question each, answered in a line, a drawing, and tables that finance can take away."""

from membership_site.console.pages.reports.shelf import SHELF, ReportKind, find_report, index_page, report_page

__all__ = ["SHELF", "ReportKind", "find_report", "index_page", "report_page"]
