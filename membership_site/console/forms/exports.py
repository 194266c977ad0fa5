"""Asking for a list as a file."""

from django import forms


class ListForm(forms.Form):
    """The list's filters, and the key by which a second press is no second file."""

    query = forms.CharField(max_length=500, required=False, widget=forms.HiddenInput)
    form_key = forms.UUIDField(widget=forms.HiddenInput)
