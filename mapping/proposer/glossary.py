"""Words people write on CRM fields, in Indonesian and English, brought to one vocabulary.

Each line is ``meaning: spelling, spelling, …``. A meaning is one or more canonical English
words; the spellings (one or more words, lower case) are replaced by it, longest first.
Abbreviations are those usual in Indonesian spreadsheets: tgl, no, hp, telp, almt, kel, kec.
"""

GLOSSARY = """
name: nama, nm, names, naming
name first: nama depan, first name, fname, given name, forename, nama pertama, given names
name last: nama belakang, last name, lname, surname, family name, nama keluarga, nama akhir
name middle: nama tengah, middle name
name full: nama lengkap, full name, fullname, display name, complete name
nickname: nama panggilan, nick name, alias, nama alias, panggilan akrab
salutation: sapaan, gelar sapaan, panggilan, honorific, name prefix, title prefix, mr mrs,
    courtesy title
suffix: gelar belakang, name suffix, akhiran
gender: jenis kelamin, kelamin, sex, gender identity, jk, l p
date: tanggal, tgl, tangggal, dt, tarikh, dates
date birth: tanggal lahir, tgl lahir, ttl, birthdate, birthday, dob, date of birth, ulang tahun,
    lahir
birth_place: tempat lahir, place of birth, birthplace, kota lahir, birth place, birth city
time: waktu, jam, timestamp
year: tahun, thn, yr
month: bulan, bln
day: hari, days
hour: hours
job_title: jabatan, posisi, position, job title, jobtitle, job, pangkat, job position, role title,
    function title, designation, jabatan pekerjaan
role: peran, roles
occupation: pekerjaan, profesi, profession
department: departemen, divisi, bagian, dept, division, unit kerja, departement, unit organisasi
company: perusahaan, organisasi, organization, organisation, firma, kantor perusahaan, instansi,
    companies, perushaan, prusahaan, pt, company account, business, employer, tempat kerja,
    partner company, lembaga, sales account, sales accounts, org, accounts, organizations,
    perusahaan terkait, badan usaha, corporate, company business
account: akun
customer: pelanggan, customers, konsumen, cust, client, klien, clients, nasabah
contact: kontak, contacts, contact person, narahubung, people, person, orang, primary contact
deal: opportunity, peluang, penawaran deal, transaksi, deals, opportunities, prospek penjualan,
    tawaran, kesepakatan, proyek, project, proyeksi deal, oppty, opp
ticket: tiket, case, kasus, issue, tickets, cases, incident, insiden
lead: leads, prospek
customer code: kode pelanggan, no pelanggan, kode customer, customer code, id pelanggan, customer
    no
code: kode
number: nomor, nomer, no, num, nbr, nr
count: jumlah, jml, total, banyaknya, qty, quantity, kuantitas, cnt, banyak
employees: karyawan, pegawai, employee, staff, staf, headcount, tenaga kerja, workforce, jumlah
    orang, number of people
phone: telepon, telp, tlp, telpon, tel, telephone, telephones, fon, ph, phones, call number, phone
    numbers, telefon, notelp
mobile: hp, handphone, ponsel, mobile phone, mobilephone, cell, cellphone, cell phone, seluler,
    selular, hape, mobile number, no hp, nohp, telepon seluler, telepon genggam, gsm, nomor hp,
    telephone mobile, mobil phone
whatsapp: wa, nomor wa, no wa, wa number, no whatsapp
fax: faks, faksimile, facsimile, telefax, fax number, no fax, no faks
email: e mail, surel, mail, emails, email address, alamat email, e mail address, emailaddress,
    electronic mail, alamat surel, imel
website: situs web, web site, situs, web, url website, website url, homepage, home page, laman,
    laman web, domain name website, web address, alamat web, company website, web page, webpage
domain: domain name, company domain name
url: link, tautan, uri, pranala
street: alamat, address, jalan, alamat lengkap, street address, address line 1, address 1, address
    line, addr, almt, alamat jalan, line 1, address1, jl, road, street line 1, route, alamat
    detail, alamat surat, street name, street1, street 1, address street
street2: address 2, address line 2, street address 2, alamat 2, line 2, address2, street 2,
    street2, street line 2
street second: address 2 street 1, address 2 street, address 2 line 1
city second: address 2 city
state second: address 2 state province, address 2 state
postcode second: address 2 zip postal code, address 2 zip, address 2 postal code
country second: address 2 country region, address 2 country
house_number: street number, house number, nomor rumah, no rumah
unit: apartment, suite, subpremise
city: kota, kab, kabupaten, town, kota kabupaten, kab kota, kabupaten kota, locality, village,
    city town village locality, kotamadya
state: provinsi, province, region, propinsi, prov, county, state province, state region, admin
    area level 1, state county, negara bagian, wilayah provinsi, state code
district: kecamatan, kec, subdistrict, kelurahan, kel, desa, sub district
postcode: kode pos, zip, postal code, zipcode, zip code, postcode, post code, pos kode, zip postal
    code, postalcode, kodepos, postal, zip postal, zip code postal code
country: negara, country region, countries, country code, nation
address_map: location address map, address map, full address, formatted address
latitude: lat, garis lintang
longitude: long, lng, lon, garis bujur
gps: lokasi gps, koordinat, geolocation, titik lokasi, coordinates, coordinate
billing: penagihan, tagihan, tagih, bill, invoice address, bill to, penagih
shipping: pengiriman, kirim, delivery, ship, ship to, antar, pengantaran
mailing: surat menyurat, korespondensi, correspondence, postal mailing
other: lain, lainnya, alternate, alternatif, alternative, lain lain
second: kedua, secondary, ke 2, 2nd, cadangan, backup, tambahan
first: pertama, 1st
primary: utama, main, default, primer
home: rumah, residence, domisili, residential, tempat tinggal, tinggal, personal
work: kantor, kerja, office, bekerja, workplace
industry: industri, bidang usaha, sektor, sector, bidang industri, jenis usaha, line of business,
    jenis industri, vertical, industries, bidang bisnis, industry type, kategori usaha, lini
    bisnis, sektor industri
type: tipe, jenis, kind, types
category: kategori, kelompok, klasifikasi, golongan, classification, categories
status: keadaan, statuses, state status, status saat ini
stage: tahap, tahapan, stages, fase, phase, milestone
pipeline: alur penjualan, sales pipeline, pipelines, jalur
lifecycle: life cycle, siklus hidup, lifecyclestage
source: sumber, asal, asal usul, sources, src, source type, original source, how did you hear
    about us, darimana, dari mana tahu, origin source, acquisition source, sumber informasi, tahu
    dari mana, mengetahui dari mana, sumber prospek, sumber leads, asal prospek, asal lead, asal
    leads, kanal akuisisi, sumber data
channel: kanal, saluran, media kontak, channels
campaign: kampanye, campaigns, program promo, utm campaign, campaign name
medium: utm medium
keyword: kata kunci, keywords, utm term, utm keyword
referral: referensi, rujukan, referrer
amount: nilai, nominal, value, harga total, nilai deal, size, besaran, nilai transaksi, potensi
    nilai, estimasi nilai, deal value, deal size, total value, sum, nilai kontrak, nilai proyek,
    nilai penjualan, total amount, total nilai, est value, estimated value, estimated revenue,
    total harga, omset deal, jumlah uang, besar transaksi, nilai peluang, nilai order, rupiah
price: harga, prices, biaya
revenue: rev, pendapatan, omzet, omset, turnover, penjualan tahunan, revenues, sales volume, annual
    sales, annual turnover
annual: tahunan, per tahun, yearly, setahun
income: penghasilan, gaji, salary
currency: mata uang, valuta, currency code, kurs mata uang, ccy, currency iso code, currency iso,
    matauang, transaction currency
probability: probabilitas, kemungkinan, win probability, likelihood, chance, peluang menang,
    probability percent, win rate, peluang berhasil, close probability, peluang sukses, persentase
    peluang, persentase keberhasilan, tingkat keyakinan, win chance, confidence level,
    probabilitas menang, kemungkinan closing, peluang closing, deal probability
close: closing, tutup, penutupan
closed: ditutup, close time, closed on, sudah tutup, closed at, closing aktual
expected: perkiraan, estimasi, target, expect, estimated, prediksi, est, ekspektasi, rencana,
    proyeksi, anticipated, projected, forecasted
date close expected: expected close, forecast close, estimasi closing, target closing, perkiraan
    closing, rencana closing, estimated close, estimasi tutup, target selesai deal
forecast: prakiraan, perkiraan penjualan
won: menang, win
lost: kalah, batal, gagal, hilang, loss, lose
reason: alasan, penyebab, sebab, reasons
step next: langkah berikutnya, langkah selanjutnya, next step, next action, tindak lanjut,
    tindakan selanjutnya, follow up selanjutnya, rencana tindak lanjut, tindakan berikutnya,
    rencana berikutnya, next steps
next: berikutnya, selanjutnya
description: deskripsi, keterangan, catatan, notes, note, remark, remarks, comment, comments,
    komentar, uraian, penjelasan, ket, detail, details, desc, rincian, profil singkat, additional
    information, informasi tambahan, background info, background, catatan tambahan, memo, about,
    about us, tentang, ringkasan, summary, isi, profil, bio, body, message, pesan, additional
    info, info tambahan, annotation
internal: intern
subject: judul, subjek, perihal, topic, topik, hal, headline, title ticket, pokok masalah
title: titel, heading
priority: prioritas, tingkat kepentingan, urgensi, urgency, severity, priorities, tingkat urgensi,
    keutamaan
owner: pemilik, pic, penanggung jawab, assignee, assigned to, sales pic, sales, salesperson, sales
    person, sales rep, sales owner, account executive, account manager, assigned user,
    responsible, owned by, ditugaskan ke, assigned, handled by, agent, agen, marketing pic, record
    owner, petugas, sales representative, ae, pic sales, responsible person, nama sales, ditangani
    oleh, person in charge, user responsible, assigned user id, relationship manager, responsible
    user, assigned agent, assigned to user, penanggungjawab, assignee user, sales agent, owning
    user
creator: dibuat oleh, created by, pembuat, author, created by user, create uid, diinput oleh,
    input by, creator user, created by id, creater
updater: diubah oleh, modified by, updated by, last modified by, diperbarui oleh, write uid,
    updater user, last updated by
user: pengguna, users
created: dibuat, created at, create, creation, added, add time, created on, dibuat pada,
    createdon, pembuatan, create date, dibuat tanggal, created time, time created, add, date
    added, date created, date entered, waktu dibuat, tanggal input, tanggal masuk, tgl masuk,
    entry date, tgl input, tanggal daftar, terdaftar pada, created date, tanggal dibuat, tgl
    dibuat, tanggal pembuatan, create time, creation date, creation time, opened at, first seen,
    waktu pembuatan, insert date, tanggal entri, signup date, sign up date, registered at
updated: diubah, diperbarui, modified, update, last modified, lastmodified, updated at, changed,
    modified on, modifiedon, last updated, diubah pada, terakhir diperbarui, terakhir diubah,
    modification, perubahan, pembaruan, diupdate, modified time, update time, updated time, date
    modified, date updated, last update, last changed, updated date, last modified date, waktu
    diubah, tanggal diubah, tanggal diperbarui, tanggal update, tgl update, write date, updated
    on, waktu diperbarui, modified date, last modified time, terakhir diupdate, update terakhir,
    perubahan terakhir, tanggal perubahan, system modified, last edited, edited at, modify date
last: terakhir, latest, recent, most recent
activity: aktivitas, kegiatan, activities, aktifitas
activity last: last activity, aktivitas terakhir, notes last updated, last contacted, last
    contact, terakhir dihubungi, last engagement, last activity date, kontak terakhir, last touch,
    terakhir kontak, last interaction, interaksi terakhir, last activity time, terakhir follow up
activity next: next activity, aktivitas berikutnya, upcoming activities, upcoming activity
start: mulai, awal, begin, started, dimulai
end: akhir, selesai tanggal, ended, berakhir, finish
due: jatuh tempo, batas waktu, deadline, tenggat, due date, due at, tenggat waktu, due by,
    duedate, respond by, batas akhir
expired: kadaluarsa, kedaluwarsa, expiry, expiration, berlaku hingga, valid until, masa berlaku
resolved: selesai, diselesaikan, tanggal selesai, solved, resolution, closed at ticket, completed,
    waktu selesai, penyelesaian, solved at, resolved at, solved on, date closed, completed at,
    date resolved
reporter: pelapor, requester, pemohon, submitter, pengadu, reported by, requested by, supplied,
    web, caller
assistant: asisten, sekretaris, asst, secretary, assistants, sekertaris
parent: induk, parent company, parent account, holding, ancestry, company group, pusat, perusahaan
    induk, induk perusahaan, headquarter, parent organization, grup perusahaan
manager: atasan, reports to, reporting to, reports to id, supervisor, report to, atasan langsung,
    reporting manager, superior, melapor ke
ownership: kepemilikan, status kepemilikan, owner type
rating: peringkat, penilaian, temperature, suhu, rate, temperatur, ratings
score: skor, nilai skor, lead score, poin, scoring
tag: tags, label, labels, penanda, tagar, hashtag
language: bahasa, preferred language, lang, locale, bahasa pilihan
timezone: time zone, zona waktu, tz
territory: wilayah, wilayah sales, area sales, sales region, area, teritori, sales territory,
    wilayah penjualan, area penjualan, territories
product: produk, products, layanan, barang, service, items, item, layanan produk, services, produk
    layanan, product association, produk diminati
serial: seri, serial number, nomor seri, sn, asset, aset
contract: kontrak, perjanjian, agreement
payment: pembayaran, bayar, pelunasan
term: termin, terms, syarat
quantity: qty
opt_out: unsubscribe, unsubscribed, optout, opt out, berhenti langganan, tidak mau, has opted out,
    opted out, opted out of, unsubscribed from all, menolak, optedout, tolak, don t email, do not
    email, donotemail, jangan email, do not send, tidak ingin
do_not_contact: do not contact, jangan hubungi, jangan dihubungi, do not disturb, tidak mau
    dihubungi, dnd, dnc, tidak ingin dihubungi
do_not_call: do not call, jangan telepon, donotcall, do not phone, donotphone, jangan ditelepon,
    tidak mau ditelepon, don t call
decision: pengambil keputusan, decision maker, pembuat keputusan, authority, wewenang, has
    authority, penentu keputusan
subscription: langganan, berlangganan
linkedin: linked in, linkedin url, linkedin profile, profil linkedin
facebook: fb, profil facebook, facebook url
twitter: twitter url, x twitter
instagram: ig, insta, profil instagram
external: eksternal, ext
external_id: external id, externalid, id eksternal, user id external, ref id, legacy id, old id,
    id lama
is: apakah, has, sudah, flag, ada
of: dari, untuk, for, the, and, dan, di, in, to, ke, pada, on, at, oleh, by, a, an, yang, per,
    with, this, or, atau, ini, your, our, anda, kita
number employees: no of employees, number of employees, employee count, company size, ukuran
    perusahaan, num employees, jumlah staf
tax: pajak, npwp, vat, ppn, tax number, nomor npwp, no npwp, tin, gst
national_id: nik, ktp, nomor ktp, no ktp, paspor, passport, identity card, identity number, kitas,
    nomor identitas, no identitas, ssn
business_reg: nib, siup, tdp, business reg number, registration number, nomor induk berusaha,
    akta, business registration, nomor registrasi, company registration
bank: rekening, no rekening, bank account
hobby: hobi, hobbies
religion: agama
marital: status pernikahan, status perkawinan, marital status, status nikah
photo: foto, picture, gambar, image, avatar, photo url, profile picture, image url, gravatar
file: berkas, lampiran, attachment, dokumen, document, upload, attachments
credit: kredit, plafon
ticker: ticker symbol, stock symbol, kode saham, stock code, stock ticker
sic: sic code
naics: naics code
duns: d u n s, duns number, d u n s number
founded: didirikan, berdiri, established, year started, tahun berdiri, year founded, founded year,
    yearstarted, tahun didirikan, inception, founding year
site: lokasi cabang, site account, account site, cabang
tradestyle: merek dagang, trade name, nama dagang, dba, trading name, doing business as
escalated: eskalasi, escalation, dieskalasi
private: pribadi, rahasia, confidential
satisfaction: kepuasan, csat, nps
warranty: garansi
slug: permalink
visible: visibility, terlihat
deleted: delete, dihapus, hapus, archived, arsip
merged: merge, master record
budget: anggaran, bujet
competitor: kompetitor, pesaing, saingan
age: umur, usia
complaint: keluhan, komplain, aduan, complain
problem: masalah, kendala, gangguan, problems
sale: penjualan
"""
