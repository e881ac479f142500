"""The Mekari Qontak practice org: invented data, CRM v3.1 and the parts of chat it needs."""
