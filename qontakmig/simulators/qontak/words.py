"""Words that the invented customer is made of. No person, number or address here is real."""


def _split(text: str, separator: str = " ") -> tuple[str, ...]:
    """Return the words of a text; an underscore stands for a blank inside a word."""
    return tuple(word.replace("_", " ") for word in text.split(separator))


GIVEN_NAMES = _split(
    "Siti Budi Agus Dewi Rina Andi Joko Sri Wahyu Putri Rizky Ayu Bambang Fitri Hendra Indah Eko"
    " Nur Yulia Dedi Maya Rudi Lestari Arif Ratna Fajar Wulan Iwan Citra Gunawan Melati Surya"
    " Kartika Teguh Dian Slamet Anisa Yusuf Nadia Irfan Made Wayan Ketut Nyoman Galih Tiara Bagus"
    " Intan Reza Salsabila Muhammad Abdul Aditya Vina Hadi Sinta Taufik Novi Hari Desi Ilham Laras"
    " Oki Mega Doni Rahma Ferry Yanti Bayu Tari Yohanes Maria Stefanus Grace Kevin Michelle"
)
FAMILY_NAMES = _split(
    "Wijaya Santoso Pratama Lestari Saputra Hidayat Nugroho Kusuma Setiawan Rahayu Siregar Nasution"
    " Simanjuntak Harahap Hutapea Sihombing Tanjung Halim Gunawan Susanto Hartono Utami Wibowo"
    " Purnomo Kurniawan Suryadi Permata Anggraini Maulana Ramadhan Firmansyah Syahputra Prasetyo"
    " Handayani Suharto Iskandar Situmorang Lubis Tampubolon Ginting Manurung Pangestu Widodo Tan"
    " Lim Salim Oey Rachman Fauzi Hakim Mahendra Putra Dewanto Adiputra Yuliana Kartini Suwandi"
    " Batubara Panggabean Rumahorbo Wenas Lontoh Pattinama Latuconsina"
    " binti_Ahmad D'Souza Nur_Aini Rahmawati_Sofyan van_der_Berg S.H.,_M.Kn."
)

COMPANY_FORMS = ("PT", "PT", "PT", "PT", "CV", "CV", "UD", "Toko")
COMPANY_FIRST = _split(
    "Maju Sinar Cahaya Berkah Anugerah Mitra Karya Bintang Surya Sumber Prima Mega Indo Nusantara"
    " Global Citra Graha Duta Multi Tunas Jaya Putra Mandiri Lestari Bumi Samudra Harapan Agung"
    " Sentosa Panca Tri Dwi Eka Sari Mulia Tirta Wahana Artha Buana Cipta Dharma Fajar Gemilang"
    " Kencana Laksana Media Niaga Optima Pelita Rajawali"
)
COMPANY_SECOND = _split(
    "Jaya Abadi Makmur Sejahtera Sentosa Lestari Perkasa Utama Mandiri Gemilang Persada Nusantara"
    " Indonesia Sukses Bersama Teknologi Solusi Logistik Pangan Farma Tekstil Konstruksi Properti"
    " Energi Digital Retail Otomotif Plastik Kimia Furnitur Garmen Agro Bahari Motor Elektronik"
    " Medika Kreasi Boga Mebel Trans"
)
COMPANY_THIRD = ("", "", "", "Raya", "Group", "Internasional", "Sejati", "Indah", "& Co", "Tbk")

# city, province, first three digits of the postal code
PLACES = (
    ("Jakarta Selatan", "DKI Jakarta", "121"), ("Jakarta Barat", "DKI Jakarta", "115"),
    ("Jakarta Pusat", "DKI Jakarta", "103"), ("Jakarta Utara", "DKI Jakarta", "142"),
    ("Surabaya", "Jawa Timur", "602"), ("Malang", "Jawa Timur", "651"),
    ("Sidoarjo", "Jawa Timur", "612"), ("Bandung", "Jawa Barat", "401"),
    ("Bekasi", "Jawa Barat", "171"), ("Depok", "Jawa Barat", "164"),
    ("Bogor", "Jawa Barat", "161"), ("Cirebon", "Jawa Barat", "451"),
    ("Semarang", "Jawa Tengah", "501"), ("Surakarta", "Jawa Tengah", "571"),
    ("Yogyakarta", "DI Yogyakarta", "552"), ("Sleman", "DI Yogyakarta", "555"),
    ("Tangerang", "Banten", "151"), ("Tangerang Selatan", "Banten", "153"),
    ("Serang", "Banten", "421"), ("Medan", "Sumatera Utara", "201"),
    ("Padang", "Sumatera Barat", "251"), ("Pekanbaru", "Riau", "281"),
    ("Batam", "Kepulauan Riau", "294"), ("Palembang", "Sumatera Selatan", "301"),
    ("Bandar Lampung", "Lampung", "351"), ("Denpasar", "Bali", "802"),
    ("Badung", "Bali", "803"), ("Mataram", "Nusa Tenggara Barat", "831"),
    ("Makassar", "Sulawesi Selatan", "902"), ("Manado", "Sulawesi Utara", "951"),
    ("Balikpapan", "Kalimantan Timur", "761"), ("Samarinda", "Kalimantan Timur", "751"),
    ("Banjarmasin", "Kalimantan Selatan", "701"), ("Pontianak", "Kalimantan Barat", "781"),
    ("Jayapura", "Papua", "991"),
)  # fmt: skip
STREETS = _split(
    "Jl. Sudirman,Jl. Thamrin,Jl. Gatot Subroto,Jl. Ahmad Yani,Jl. Diponegoro,Jl. Merdeka,"
    "Jl. Pahlawan,Jl. Raya Darmo,Jl. Malioboro,Jl. Asia Afrika,Jl. Gajah Mada,Jl. Hayam Wuruk,"
    "Jl. Imam Bonjol,Jl. Teuku Umar,Jl. Pemuda,Komplek Ruko Permata Blok,Kawasan Industri Blok,"
    "Perumahan Griya Asri Blok",
    ",",
)
JOB_TITLES = _split(
    "Direktur,Manajer Pembelian,Owner,Sales Manager,Staf Admin,Kepala Gudang,Finance Manager,"
    "Marketing,IT Support,HRD,Purchasing,General Manager,Komisaris,Supervisor,Kepala Cabang,,,",
    ",",
)
MAIL_HOSTS = ("gmail.com", "yahoo.co.id", "gmail.com", "outlook.com", "ymail.com", "icloud.com")
GOODS = _split(
    "Mesin Kasir,Paket WhatsApp API,Lisensi Tahunan,Seragam Kantor,Instalasi CCTV,Mebel Kantor,"
    "Sewa Gudang,Beras Premium 10 Ton,Kemasan Plastik,Renovasi Ruko,Training Sales,Server Rack,"
    "Kontrak Perawatan AC,Katering Karyawan,Panel Surya,Suku Cadang,Armada Truk,Aplikasi Absensi",
    ",",
)
DEAL_KINDS = ("Pengadaan", "Penawaran", "Renewal", "Proyek", "Upgrade", "Tender", "Order", "Deal")

# Texts that have broken an import somewhere: line breaks, quotes, formula starts, emoji, HTML.
HARD_TEXTS = (
    'Minta "harga khusus"\nkirim ke gudang, lantai 2',
    "=SUM(A1:A9)",
    "+62 hubungi lewat WA saja",
    "-10% untuk pelanggan lama",
    "@supervisor tolong cek",
    "Pelanggan VIP 🌟🙏",
    "Bayar tempo 30 hari;\r\nfaktur menyusul",
    "O'Brien & Sons <toko@contoh>",
    "\tSudah ditelepon 3x, tidak diangkat",
    "Nama lain: “Toko Makmur”, Café Ñandú",
)
PLAIN_TEXTS = (
    "Pelanggan lama", "Follow up minggu depan", "Sudah kirim penawaran", "Referral dari Pak Budi",
    "Prefers email", "Tertarik paket tahunan", "Butuh demo ulang", "Call again after Lebaran",
    "Kontrak diperpanjang", "Kenal dari pameran JIExpo", "Minta invoice proforma", "Hot lead",
)  # fmt: skip
