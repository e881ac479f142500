"""What options of dropdowns mean, and which meanings stand in for each other.

MEANINGS: ``meaning: phrase, phrase, …`` in Indonesian and English. NEAR: meaning: other
meanings with a weight, used when the destination has no option of the same meaning.
"""

MEANINGS = """
new: new, baru, lead baru, prospek baru, new lead, open, prospecting, prospek, prospect, lead,
    inquiry, leads, lead masuk, incoming, inquiry masuk, belum dihubungi, uncontacted, not
    contacted, not started, todo, fresh, tiket masuk, data masuk, order masuk, identified, open
    lead, terbuka, calon, raw, data baru, inbox, to do
contacted: contacted, dihubungi, sudah dihubungi, follow up, followup, fu, attempted, attempted to
    contact, attempting contact, connected, contact made, kontak awal, sapa, first contact,
    contacting, in contact, terhubung, dikontak, hubungi
qualified: qualified, qualification, kualifikasi, qualify, qualified to buy, sql, mql,
    terkualifikasi, memenuhi syarat, appointment, appointment scheduled, penjadwalan, janji temu,
    marketing qualified lead, sales qualified lead, prequalified, opportunity
interested: interested, tertarik, berminat, minat, hot prospect
needs: needs analysis, needs, discovery, analisis kebutuhan, analisa kebutuhan, survei, survey,
    assessment, brief, briefing, konsultasi, requirement, requirements, kebutuhan, meeting,
    identifikasi kebutuhan, penggalian kebutuhan, needs defined, diskusi, pertemuan, scoping
demo: demo, tour, office tour, demonstration, presentasi, presentation, presentation scheduled,
    pitching, pitch, value proposition, trial, kunjungan, visit, test drive, site visit, demo
    scheduled, uji coba, poc, proof of concept, solution, demo produk, survei lokasi, open house,
    showing, propose
decision: decision maker, id decision makers, decision maker bought in, decision makers, identify
    decision makers, persetujuan, approval, menunggu approval, menunggu persetujuan, bought in,
    decision
evaluation: tes, test, wawancara, interview, seleksi, verifikasi, verification, perception
    analysis, evaluasi, evaluation, under review, review, pertimbangan, considering, pikir pikir,
    ditinjau, reviewing, pertimbangkan
proposal: proposal, penawaran, quote, quotation, price quote, sph, rfp, offer, tender, proposal
    sent, proposal price quote, kirim penawaran, penawaran harga, proposal made, kirim proposal,
    penawaran terkirim, quote sent, proposal terkirim, estimasi, estimate, rab, harga
negotiation: negotiation, legal review, negosiasi, nego, negotiation review, negotiations,
    contract sent, kontrak, contract, legal, verbal, spk, tawar menawar, negotiation started,
    contract negotiation, draft kontrak, kontrak dikirim, commit, in negotiation, nego harga,
    negotiate, booking, booking fee
won: won, closed won, menang, deal, berhasil, sukses, success, goal, closing, purchase order,
    beli, akad, closed deal, terjual, sold, jadi, close won, converted, berlangganan, gol, kontrak
    ditandatangani, signed, order, konversi, dimenangkan, terdaftar, win, pembelian, diterima,
    accepted, lulus, disetujui
lost: lost, tidak lanjut, tidak diterima, not accepted, closed lost, kalah, gagal, batal, tidak
    jadi, cancel, cancelled, canceled, ditolak, rejected, drop, dropped, hilang, close lost, tidak
    berhasil, dibatalkan, loss, abandoned, tidak deal, tidak beli, mundur, declined
unqualified: unqualified, tidak tertarik, tidak berminat, not interested, disqualified, bad
    timing, junk, junk lead, tidak memenuhi syarat, spam, bukan target, not qualified, invalid,
    tidak valid, tidak potensial
churned: churned, churn, ex customer, ex, mantan pelanggan, former customer, berhenti, inactive,
    tidak aktif, pelanggan lama berhenti, lost customer, nonaktif
hold: on hold, hold, pending, menunggu, menunggu pelanggan, waiting, waiting on customer, waiting
    on contact, tunda, ditunda, tertunda, awaiting reply, menunggu konfirmasi, waiting on us,
    menunggu respon, menunggu sparepart, waiting on third party, menunggu vendor, snoozed,
    deferred, waiting for customer, delayed
working: working, in progress, diproses, proses, dikerjakan, sedang diproses, on progress,
    progress, process, assigned, ongoing, work in progress, ditangani, berjalan, dalam proses,
    penanganan, investigasi, processing, sedang dikerjakan, dalam penanganan, dalam pengerjaan,
    active, aktif
escalated: escalated, eskalasi, dieskalasi, escalate, naik level
closed: closed, ditutup, selesai, resolved, solved, done, tutup, completed, complete,
    terselesaikan, finished, tuntas, beres, close, sudah selesai, teratasi
low: low, rendah, minor, kecil, p4, lowest, very low
medium: medium, sedang, normal, menengah, p3, moderate, biasa, med
high: high, tinggi, p2, penting, important, besar, major, very high
urgent: urgent, mendesak, critical, kritis, darurat, p1, emergency, segera, highest, genting,
    blocker
customer: customer, pelanggan, klien, client, customer direct, nasabah, konsumen, pelanggan aktif,
    existing customer, member
prospect_type: calon pelanggan, calon klien, potential customer, suspect, target
channel_customer: customer channel, pelanggan channel
partner: partner, mitra, channel partner, rekanan, partnership, mitra bisnis
reseller: reseller, agen, dealer, distributor, channel partner reseller, agent, sub dealer,
    penyalur, grosir
integrator: technology partner, mitra teknologi, integrator, installation partner, analyst
vendor: vendor, supplier, pemasok
competitor: competitor, kompetitor, pesaing, saingan
investor: investor, press
other: other, lainnya, lain lain, lain, others, dll, misc, dan lain lain, etc, tidak diketahui,
    unknown, not listed, umum
mr: mr, bapak, bpk, pak, tuan, tn, sdr, mas, mister
ms: ms, ibu, bu, nona, mbak, sdri, miss, nn, kak
mrs: mrs, nyonya, ny
dr: dr, dokter, drg, doctor, doktor
prof: prof, profesor, professor
male: male, laki laki, pria, lelaki, laki, l, lk, cowok, m, man
female: female, perempuan, wanita, p, pr, cewek, f, woman
nonbinary: nonbinary, non binary
web: web, website, form, formulir, portal pelanggan, situs web, landing page, web form, online,
    formulir web, web inquiry, situs, marketplace, web chat form, online store, tokopedia, shopee,
    portal, internet, web download, website form
phone: phone, telepon, telp, phone inquiry, call, cold call, telemarketing, panggilan, call in,
    hotline, call center, telpon, sms, phone call, inbound call
referral: referral, employee, karyawan, partner referral, rekomendasi, referensi, referal,
    customer referral, external referral, employee referral, rujukan, referrals, dari partner,
    kenalan
wom: word of mouth, mulut ke mulut, teman, keluarga, saudara, getok tular, relasi
purchased: purchased list, beli data, database, purchased, list beli, data beli
ads: ads, ad, iklan, google ads, instagram ads, facebook ads, meta ads, tiktok ads, paid search,
    paid social, advertisement, adwords, google adwords, advertising, iklan facebook, iklan
    instagram, iklan google, billboard, baliho, radio, tv, koran, brosur, spanduk, flyer, majalah,
    linkedin ads
social: social, social media, instagram, facebook, tiktok, linkedin, twitter, youtube, media
    sosial, medsos, sosmed, ig, fb, sosial media, sosial
email: email, e mail, email marketing, newsletter, surel, email inquiry, email blast, email
    campaign
event: event, open house, open day, events, pameran, webinar, seminar, trade show, tradeshow,
    conference, expo, konferensi, workshop, acara, exhibition, roadshow, bazaar, bazar, talkshow,
    job fair
chat: chat, whatsapp, wa, live chat, livechat, line, telegram, web chat, messenger, dm, chatbot,
    whatsapp business, wa blast
organic: organic search, organic, seo, google, search engine, google search, pencarian google,
    organik
walkin: walk in, datang langsung, toko, offline, showroom, walkin, kunjungan langsung, kantor,
    cabang, store
direct: direct traffic, direct, langsung, offline sources, canvassing, kanvas, sales, canvasing
tender: tender lpse, lpse, lelang, e katalog, ekatalog, pengadaan
healthcare: healthcare, kesehatan, rumah sakit, rs, klinik, apotek, farmasi, medis, hospital,
    clinic, pharmacy, health, puskesmas, laboratorium, alkes, alat kesehatan, hospital health
    care, medical, pharmaceuticals, dokter, kecantikan, hospital and health care
government: government, pemerintah, pemerintahan, dinas, kementerian, pemda, instansi pemerintah,
    public sector, government administration, bumn, negeri
education: education, pendidikan, sekolah, kampus, universitas, university, kursus, school,
    training, pelatihan, akademi, e learning, higher education, bimbel
retail: retail, ritel, toko, perdagangan, trading, e commerce, ecommerce, minimarket, eceran,
    supermarket, perdagangan umum, consumer goods, wholesale, fmcg, grosir
finance: finance, keuangan, leasing, multifinance, fintech, pembiayaan, investasi, koperasi,
    financial services, jasa keuangan, accounting, akuntansi, finance and insurance, venture
    capital
banking: banking, bank, perbankan, bpr
insurance: insurance, asuransi
construction: construction, konstruksi, kontraktor, pembangunan, contractor, real estate,
    properti, property, developer, perumahan, realestat, building materials, bahan bangunan
engineering: engineering, teknik, rekayasa, civil engineering
technology: technology, teknologi, it, software, startup, teknologi informasi, computer software,
    saas, information technology, information technology and services, it services, internet
    company, ti, digital, computer hardware, teknologi informasi it
manufacturing: manufacturing, manufaktur, pabrik, produksi, industri manufaktur, factory,
    pengolahan
hospitality: hospitality, hotel, pariwisata, travel, perhotelan, tourism, wisata, leisure travel,
    penginapan, leisure, hotel restoran
food: food beverage, makanan, minuman, f b, fnb, kuliner, restoran, restaurant, kafe, cafe,
    katering, food, makanan dan minuman, makanan minuman, food beverages, restaurants, catering
transportation: transportation, transportasi, logistik, logistics, angkutan, airlines, logistik
    dan transportasi, rental mobil, logistics and supply chain
shipping: shipping, ekspedisi, pelayaran, kargo, cargo, kurir, pengiriman, maritime
agriculture: agriculture, pertanian, perkebunan, agribisnis, peternakan, perikanan, farming,
    kehutanan, agrikultur
energy: energy, energi, migas, minyak, gas, tambang, pertambangan, mining, oil gas, oil energy,
    batubara
utilities: utilities, utilitas, listrik, air
telecom: telecommunications, telekomunikasi, communications, telco, komunikasi, isp
media: media, periklanan, agency, agensi, penerbitan, advertising, marketing and advertising,
    percetakan, publishing, penyiaran, broadcast media
consulting: consulting, konsultan, jasa, konsultasi, professional services, legal services, hukum,
    services, layanan, jasa konsultan, management consulting, jasa profesional
entertainment: entertainment, hiburan, musik, film, event organizer, music, gaming
apparel: apparel, fashion, pakaian, garmen, tekstil, textile, garment, busana, konveksi, apparel
    fashion
machinery: machinery, mesin, alat berat, otomotif, automotive, bengkel, dealer mobil, permesinan
electronics: electronics, elektronik, elektronika, consumer electronics
chemicals: chemicals, kimia, chemical
biotech: biotechnology, bioteknologi
environmental: environmental, lingkungan, daur ulang, pengolahan limbah
recreation: recreation, rekreasi, olahraga, sport, gym, fitness, sports
nonprofit: not for profit, nonprofit, non profit, yayasan, ngo, lsm, sosial, nirlaba, organisasi
    sosial
private: private, swasta, pribadi, perorangan, private company, tertutup, cv, individual, individu
public: public, publik, tbk, terbuka, go public, public company, perusahaan publik, perusahaan
    terbuka
subsidiary: subsidiary, anak perusahaan, anak usaha, branch
hot: hot, panas
warm: warm, hangat
cold: cold, dingin
paid: paid, lunas, dibayar, sudah bayar, terbayar, fully paid, sudah dibayar
unpaid: unpaid, belum bayar, belum dibayar, belum lunas, not paid
partial: partial, dp, sebagian, cicilan, partially paid, termin, uang muka, dibayar sebagian, down
    payment, cicil
overdue: overdue, terlambat, jatuh tempo, telat, menunggak, macet, nunggak
new_business: new business, new customer, pelanggan baru, newbusiness, klien baru, customer baru,
    konsumen baru, proyek baru, pembelian baru, pembelian pertama
existing: existing business, existing customer, existing, lama, repeat order, repeat,
    existingbusiness, langganan, pelanggan lama, klien lama, reorder, customer lama, perpanjangan,
    renewal, perpanjang, tambahan, add on, cross sell
upgrade: upgrade, existing customer upgrade, upsell, up sell, peningkatan, cross selling,
    upselling, ekspansi
downgrade: downgrade, existing customer downgrade, penurunan
replacement: replacement, existing customer replacement, penggantian, ganti, pergantian, tukar
    tambah, trade in
price: price, harga, mahal, anggaran, budget, terlalu mahal, harga terlalu tinggi, dana, no
    budget, tidak ada budget, harga tidak cocok, harga mahal, tidak ada anggaran, biaya
rival: pilih kompetitor, went with competitor, memilih kompetitor, lost to competitor, kalah
    kompetitor
features: product features, fitur, produk tidak sesuai, spesifikasi, spesifikasi tidak sesuai,
    product fit, kualitas, feature, features, missing feature, produk tidak cocok, stok kosong,
    tidak sesuai kebutuhan, lokasi tidak cocok
timing: timing, waktu, jadwal, belum waktunya, waktu tidak tepat, ditunda dulu, bad timing
problem: problem, kerusakan, masalah, gangguan, error, keluhan, komplain, complaint, bug, kendala,
    trouble, issue, incident, insiden, rusak, pengaduan, refund, retur
question: question, pertanyaan, permintaan info, tanya, informasi, inquiry, permintaan informasi,
    bertanya, info, tanya produk, request for information, konsultasi produk
feature_request: feature request, permintaan fitur, saran, masukan, usulan, permintaan, request,
    service request, permintaan layanan
feedback: feedback, umpan balik, kritik, kritik dan saran
installation: installation, instalasi, pemasangan, install, setup, aktivasi
breakdown: breakdown, mati, mogok, mati total
mechanical: mechanical, mekanik, mekanis
electrical: electrical, listrik mati, kelistrikan
performance: performance, performa, lambat, kinerja
yes: yes, ya, true, y, iya, benar
no: no, tidak, false, n, tdk
subscribed: subscribed, berlangganan newsletter, opt in
unsubscribed: unsubscribed, berhenti langganan, opt out
lead_stage: subscriber, evangelist
"""

NEAR: dict[str, dict[str, float]] = {
    "new": {"contacted": 0.45, "qualified": 0.5, "needs": 0.3, "cold": 0.2, "prospect_type": 0.9},
    "prospect_type": {"new": 0.95},
    "contacted": {"working": 0.8, "qualified": 0.7, "new": 0.6, "interested": 0.5},
    "interested": {"qualified": 0.8, "needs": 0.65, "contacted": 0.6, "working": 0.5},
    "qualified": {"needs": 0.7, "contacted": 0.5, "interested": 0.6, "new": 0.55},
    "needs": {"qualified": 0.75, "demo": 0.7, "interested": 0.55, "contacted": 0.5},
    "demo": {"needs": 0.72, "proposal": 0.65, "interested": 0.55, "evaluation": 0.5},
    "decision": {"negotiation": 0.72, "evaluation": 0.75, "proposal": 0.5},
    "evaluation": {"negotiation": 0.65, "decision": 0.7, "hold": 0.4, "proposal": 0.5},
    "proposal": {"negotiation": 0.7, "demo": 0.55, "evaluation": 0.5, "decision": 0.4},
    "negotiation": {"proposal": 0.7, "evaluation": 0.65, "decision": 0.6},
    "won": {"closed": 0.6, "customer": 0.75, "paid": 0.3},
    "lost": {"unqualified": 0.75, "closed": 0.55, "churned": 0.5},
    "unqualified": {"lost": 0.85, "closed": 0.4},
    "churned": {"lost": 0.75, "other": 0.6, "unqualified": 0.5},
    "hold": {"working": 0.65, "evaluation": 0.55, "negotiation": 0.4, "contacted": 0.4},
    "working": {"contacted": 0.7, "new": 0.4, "customer": 0.3, "needs": 0.4},
    "escalated": {"working": 0.65, "high": 0.3},
    "closed": {"won": 0.65},
    "urgent": {"high": 0.88},
    "high": {"urgent": 0.6, "medium": 0.3},
    "low": {"medium": 0.3},
    "customer": {"won": 0.75, "existing": 0.6},
    "partner": {"reseller": 0.85, "integrator": 0.8, "referral": 0.65, "other": 0.5},
    "reseller": {"partner": 0.85, "retail": 0.6, "shipping": 0.5, "channel_customer": 0.6},
    "vendor": {"other": 0.75, "partner": 0.4},
    "competitor": {"other": 0.6, "rival": 0.95},
    "rival": {"competitor": 0.95},
    "investor": {"other": 0.7},
    "ms": {"mrs": 0.85},
    "mrs": {"ms": 0.85},
    "web": {"organic": 0.5, "ads": 0.2, "other": 0.3},
    "referral": {"wom": 0.8, "partner": 0.6},
    "wom": {"referral": 0.88},
    "ads": {"other": 0.62, "web": 0.6, "social": 0.6},
    "social": {"web": 0.6, "ads": 0.5, "chat": 0.4, "other": 0.58},
    "email": {"web": 0.55, "ads": 0.3, "other": 0.5},
    "event": {"other": 0.7},
    "chat": {"other": 0.6, "social": 0.65, "phone": 0.6, "web": 0.4},
    "organic": {"web": 0.88},
    "walkin": {"other": 0.7, "retail": 0.8},
    "direct": {"web": 0.55, "other": 0.6},
    "tender": {"other": 0.7, "government": 0.5},
    "government": {"public": 0.6, "other": 0.62},
    "construction": {"engineering": 0.6},
    "engineering": {"construction": 0.6, "consulting": 0.5},
    "banking": {"finance": 0.9},
    "insurance": {"finance": 0.8},
    "food": {"hospitality": 0.7, "retail": 0.4},
    "hospitality": {"recreation": 0.6},
    "transportation": {"shipping": 0.8},
    "shipping": {"transportation": 0.85},
    "retail": {"other": 0.4},
    "machinery": {"manufacturing": 0.75, "transportation": 0.5, "retail": 0.4},
    "technology": {"telecom": 0.4},
    "energy": {"utilities": 0.6},
    "utilities": {"energy": 0.7},
    "nonprofit": {"other": 0.65},
    "cold": {"new": 0.4},
    "new_business": {"new": 0.95},
    "existing": {"replacement": 0.6, "upgrade": 0.75, "customer": 0.4},
    "upgrade": {"existing": 0.85},
    "downgrade": {"existing": 0.75},
    "replacement": {"existing": 0.8},
    "price": {"other": 0.3},
    "features": {"other": 0.4},
    "problem": {"breakdown": 0.7, "question": 0.3, "feedback": 0.4, "mechanical": 0.5},
    "breakdown": {"problem": 0.9},
    "installation": {"question": 0.45, "feature_request": 0.5, "other": 0.6},
    "feature_request": {"question": 0.55, "feedback": 0.6, "other": 0.4},
    "feedback": {"feature_request": 0.7, "other": 0.6},
    "question": {"feature_request": 0.4, "other": 0.55},
    "lead_stage": {"new": 0.6, "customer": 0.4},
}
"""Weights were set by reading them, not fitted; below 0.5 nothing is proposed but "other"."""
