"""Field templates (the ``*/info`` answers): built-in and custom fields of each object."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from qontakmig.simulators.qontak.people import TEAMS, User, active_users
from qontakmig.simulators.qontak.words import PLACES

TEXT, AREA, NUMBER, PERCENT = "Single-line text", "Text Area", "Number", "Percentage"
DATE, DATETIME, PICK, MULTI = "Date", "Date time", "Dropdown select", "Multiple select"
UPLOAD, PHOTO, SIGNATURE, CHECKLIST = "Upload", "Photo", "Signature", "Checklist"
GPS, URL, PHONES, ASSOC = "gps", "URL", "Telephone", "assoc"

Options = tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    label: str | None
    type: str
    required: bool = False
    options: Options | None = None
    id: int | None = None  # custom fields have one
    gone: tuple[int, str] | None = None  # option on old records that the template lost

    @property
    def custom(self) -> bool:
        return self.id is not None


# Two sources share a label: two options, one name.
SOURCES: Options = (
    (801, "WhatsApp"), (802, "Instagram"), (803, "Email"), (804, "Website"), (805, "Referral"),
    (806, "Facebook Ads"), (807, "Pameran / Event"), (808, "Website"), (809, "Telepon Masuk"),
    (810, "Tokopedia"),
)  # fmt: skip
SOURCE_GONE = (799, "BBM (lama)")
CONTACT_STATUSES: Options = (
    (611, "Prospek"), (612, "Lead Hangat"), (613, "Qualified"), (614, "Pelanggan"),
    (615, "Tidak Aktif"), (616, "Blacklist"),
)  # fmt: skip
GENDERS: Options = ((1, "Laki-laki"), (2, "Perempuan"))
OCCUPATIONS: Options = ((21, "Karyawan Swasta"), (22, "Wiraswasta"), (23, "PNS"), (24, "Lainnya"))
COMPANY_TYPES: Options = (
    (1, "Lead"), (2, "Qualified"), (3, "Opportunity"), (4, "Customer"), (5, "Ex-Customer"),
    (6, "Partner"), (7, "Competitor"),
)  # fmt: skip
INDUSTRIES: Options = (
    (51, "Manufaktur"), (52, "Perdagangan / Retail"), (53, "Logistik"), (54, "Makanan & Minuman"),
    (55, "Technology"), (56, "Konstruksi"), (57, "Kesehatan"), (58, "Pendidikan"), (59, "Others"),
)  # fmt: skip
PRIORITIES: Options = ((1, "Low"), (2, "Critical"), (3, "High"), (4, "Medium"))
LOST_REASONS: Options = (
    (71, "Harga terlalu mahal"), (72, "Pilih kompetitor"), (73, "No response"),
    (74, "Anggaran belum turun"), (75, "Salah sasaran"),
)  # fmt: skip
DEAL_STATUSES: Options = ((1, "New Client"), (2, "Existing Client"))
CURRENCIES = ("IDR", "USD", "SGD")


def _options(first_id: int, *labels: str) -> Options:
    return tuple((first_id + place, label) for place, label in enumerate(labels))


_PROVINCES = _options(5_900_001, *dict.fromkeys(province for _, province, _ in PLACES))
_CITIES = _options(5_900_101, *(city for city, _, _ in PLACES))
_ADDRESS = (
    Field("crm_location_address_map", "Location Map", TEXT),
    Field("address", "Alamat", AREA),
    Field("country", "Negara", TEXT),
    Field("province", "Provinsi", TEXT),
    Field("city", "Kota", TEXT),
    Field("zipcode", "Kode Pos", TEXT),
)
_OWNER = Field("creator_id", "Owner", PICK, required=True, options=())

CONTACT_FIELDS = (
    Field("first_name", "Nama Depan", TEXT, required=True),
    Field("last_name", "Nama Belakang", TEXT),
    Field("job_title", "Jabatan", TEXT),
    _OWNER,
    Field("email", "Email", TEXT),
    Field("crm_phones", "Telephone", PHONES),
    Field("crm_status_id", "Status", PICK, options=CONTACT_STATUSES),
    *_ADDRESS,
    Field("date_of_birth", "Tanggal Lahir", DATE),
    Field("crm_source_id", "Sumber", PICK, options=SOURCES),
    Field("crm_gender_id", "Sex", PICK, options=GENDERS),
    Field("income", "Avg. Annual Income", NUMBER),
    Field("upload_id", "Upload", UPLOAD),
    Field("customer_id", "Customer ID", TEXT),
    Field("crm_occupation_id", "Pekerjaan", PICK, options=OCCUPATIONS),
    Field("crm_company_id", None, NUMBER),
    Field(
        "jenis_layanan", "Jenis Layanan", PICK, id=6_069_901,
        options=_options(5_879_091, "Servis", "Penjualan", "Sewa", "Konsultasi", "Servis"),
        gone=(5_879_050, "Paket Lama"),
    ),
    Field("service_type", "Service Type", PICK, id=6_069_902,
          options=_options(5_879_101, "Onsite", "Remote", "Hybrid")),
    Field("service_type", "Service Type (lama)", TEXT, id=6_069_911),
    Field("tanggal_bergabung", "Tanggal Bergabung", DATE, id=6_069_903),
    Field("terakhir_dihubungi", "Terakhir Dihubungi", DATETIME, id=6_069_904),
    Field("minat_produk", "Minat Produk", MULTI, id=6_069_905,
          options=_options(435, "WhatsApp API", "CRM", "Chatbot", "Omnichannel", "Call Center"),
          gone=(429, "SMS Blast")),
    Field("diskon_khusus_73", "Diskon Khusus (%)", PERCENT, id=6_069_906),
    Field("jumlah_kunjungan", "Jumlah Kunjungan", NUMBER, id=6_069_907),
    Field("catatan_khusus", "Catatan Khusus", AREA, id=6_069_908),
    Field("nomor_npwp", "Nomor NPWP", TEXT, id=6_069_909),
    Field("foto_ktp_59", "Foto KTP", UPLOAD, id=6_069_910),
    Field("lokasi_rumah", "Lokasi", GPS, id=6_069_912),
    Field("link_instagram", "Instagram", URL, id=6_069_913),
    Field("ceklis_dokumen", "Ceklis Dokumen", CHECKLIST, id=6_069_914),
    Field("tanda_tangan", "Tanda Tangan", SIGNATURE, id=6_069_915),
    Field("foto_toko", "Foto Toko", PHOTO, id=6_069_916),
)  # fmt: skip

COMPANY_FIELDS = (
    Field("name", "Nama Perusahaan", TEXT, required=True),
    Field("website", "Website", TEXT),
    _OWNER,
    Field("crm_phones", "Telephone", PHONES),
    *_ADDRESS,
    Field("industry_id", "Industri", PICK, options=INDUSTRIES),
    Field("crm_type_id", "Type", PICK, options=COMPANY_TYPES),
    Field("number_of_employees", "Jumlah Karyawan", NUMBER),
    Field("crm_source_id", "Sumber", PICK, options=SOURCES),
    Field("annual_revenue", "Annual Revenue", NUMBER),
    Field("business_reg_number", "Nomor Induk Berusaha", TEXT),
    Field("ancestry", "Parent Company", NUMBER),
    Field("address_picker_province", "Provinsi (pilihan)", PICK, id=6_070_001, options=_PROVINCES),
    Field("address_picker_city", "Kota (pilihan)", PICK, id=6_070_002, options=_CITIES),
    Field("crm_team_hierarchy_id", "Team's Owner", MULTI, id=6_070_003, options=TEAMS),
    Field("klasifikasi", "Klasifikasi", PICK, id=6_070_004,
          options=_options(5_880_001, "Gold", "Silver", "Bronze", "Prospek"),
          gone=(5_879_990, "Platinum")),
    Field("tanggal_kontrak", "Tanggal Kontrak", DATE, id=6_070_005),
    Field("nilai_kontrak", "Nilai Kontrak (Rp)", NUMBER, id=6_070_006),
    Field("produk_dibeli", "Produk Dibeli", MULTI, id=6_070_007,
          options=_options(5_880_011, "Hardware", "Software", "Jasa", "Training")),
    Field("catatan", "Catatan", AREA, id=6_070_008),
    Field("margin_76", "Margin", PERCENT, id=6_070_009),
    Field("toko_online", "Link Toko Online", URL, id=6_070_010),
    Field("logo", "Logo", UPLOAD, id=6_070_011),
    Field("lokasi_gudang", "Lokasi Gudang", GPS, id=6_070_012),
    Field("npwp", "NPWP", TEXT, id=6_070_013),
)  # fmt: skip

DEAL_FIELDS = (
    Field("name", "Deal Name", TEXT, required=True),
    Field("currency", "Mata Uang", PICK),
    Field("size", "Deal Size", NUMBER),
    _OWNER,
    Field("closed_date", "Tanggal Tutup", DATE),
    Field("crm_source_id", "Sumber", PICK, options=SOURCES),
    Field("crm_priority_id", "Prioritas", PICK, options=PRIORITIES),
    Field("start_date", "Start Date", DATE),
    Field("expired_date", "Expired Date", DATE),
    Field("crm_lost_reason_id", "Alasan Kalah", PICK, options=LOST_REASONS),
    Field("crm_stage_id", "Stage", PICK),
    Field("crm_contact", "Kontak", ASSOC),
    Field("crm_company", "Perusahaan", ASSOC),
    Field("crm_deal_status_id", "Deal Status", NUMBER),
    Field("jenis_proyek", "Jenis Proyek", PICK, id=6_071_001,
          options=_options(5_881_001, "Baru", "Perpanjangan", "Upgrade", "Add-on"),
          gone=(5_880_900, "Trial")),
    Field("dealer_name", "Dealer", PICK, id=6_071_002,
          options=_options(5_881_011, "Dealer Jakarta", "Dealer Surabaya", "Dealer Medan")),
    Field("dealer_name", "Nama Dealer (lama)", TEXT, id=6_071_012),
    Field("tanggal_demo", "Tanggal Demo", DATE, id=6_071_003),
    Field("jadwal_instalasi", "Jadwal Instalasi", DATETIME, id=6_071_004),
    Field("modul", "Modul", MULTI, id=6_071_005,
          options=_options(5_881_021, "CRM", "Chat", "Broadcast", "Ticketing", "Chat")),
    Field("peluang_internal", "Peluang Internal", PERCENT, id=6_071_006),
    Field("jumlah_user", "Jumlah User", NUMBER, id=6_071_007),
    Field("catatan_deal", "Catatan", AREA, id=6_071_008),
    Field("nomor_po", "Nomor PO", TEXT, id=6_071_009),
    Field("file_penawaran", "File Penawaran", UPLOAD, id=6_071_010),
    Field("lokasi_proyek", "Lokasi Proyek", GPS, id=6_071_011),
    Field("link_dokumen", "Link Dokumen", URL, id=6_071_013),
    Field("ceklis_handover", "Ceklis Handover", CHECKLIST, id=6_071_014),
)  # fmt: skip

FIELDS = {"contacts": CONTACT_FIELDS, "companies": COMPANY_FIELDS, "deals": DEAL_FIELDS}


@lru_cache(maxsize=16)
def fields_of(kind: str, seed: int) -> tuple[Field, ...]:
    """Return the template of contacts, companies or deals, the Owner options filled in."""
    owners = tuple((user.id, user.name) for user in active_users(seed))
    return tuple(
        replace(field, options=owners) if field.name == "creator_id" else field
        for field in FIELDS[kind]
    )


def info(kind: str, seed: int) -> list[dict[str, Any]]:
    """Return the ``*/info`` response of one object in the shapes of the CRM documentation."""
    return [_item(kind, field, seed) for field in fields_of(kind, seed)]


def _item(kind: str, field: Field, seed: int) -> dict[str, Any]:
    item: dict[str, Any] = {"id": field.id, "name": field.name, "name_alias": field.label}
    if kind == "deals":
        item |= {"required_pipeline_ids": [], "required_stage_ids": []}
    if kind != "deals" or field.custom:
        item["required"] = field.required
    item |= {"additional_field": field.custom, "type": field.type, "dropdown": None}
    if kind == "deals" and field.name == "creator_id":
        item["dropdown"] = [_deal_owner(user) for user in active_users(seed)]
    elif kind == "deals" and field.name == "currency":
        item["dropdown"] = [{"id": None, "name": code} for code in CURRENCIES]
    elif field.options is not None:
        item["dropdown"] = [{"id": key, "name": label} for key, label in field.options]
    if field.type == CHECKLIST:
        item["checklist_details_attributes"] = []
    return item


def _deal_owner(user: User) -> dict[str, Any]:
    teams = [{"id": user.team_id, "name": user.team_name}]
    return {"id": user.id, "name": user.name, "email": user.email, "crm_teams": teams}
