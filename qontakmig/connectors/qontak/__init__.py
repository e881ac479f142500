"""Mekari Qontak as a source: the CRM and chat APIs, and the files that its pages export.

Facts come from Mekari's own API documents for CRM v3.1 and chat v1 and from public client code;
where neither says anything, the connector copes with every plausible answer.
"""
