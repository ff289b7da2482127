package report

// wordMessages are the words around the answers.
var wordMessages = map[string]message{
	"status.valid":       {"valid", "дійсний", "kehtiv"},
	"status.not-valid":   {"NOT VALID", "НЕДІЙСНИЙ", "KEHTETU"},
	"status.cannot-tell": {"cannot tell", "неможливо визначити", "ei saa kindlaks teha"},
	"status.not-signed":  {"not signed", "не підписаний", "allkirjastamata"},
	"status.":            {"no verdict", "висновку немає", "otsus puudub"},

	"verdict.valid": {
		"{1:n|signature is|signatures are} good, and nothing has changed since.",
		"Правильних підписів: {1}. Відтоді нічого не змінено.",
		"{1:n|allkiri on korras|allkirja on korras} ja pärast seda ei ole midagi muudetud.",
	},
	"verdict.valid-seen": {
		"{1:n|signature is|signatures are} good. What was added later is told below.",
		"Правильних підписів: {1}. Що додано пізніше, сказано нижче.",
		"{1:n|allkiri on korras|allkirja on korras}. Allpool on kirjas, mida hiljem lisati.",
	},
	"verdict.not-valid": {
		"Do not rely on it.",
		"Не покладайтеся на цей документ.",
		"Ärge sellele dokumendile tuginege.",
	},
	"verdict.cannot-tell": {
		"Not everything that a verdict needs could be established.",
		"Не вдалося з'ясувати все, що потрібно для висновку.",
		"Kõike, mida otsuseks on vaja, ei õnnestunud välja selgitada.",
	},
	"verdict.not-signed": {
		"There is no signature in this file.",
		"У цьому файлі немає підпису.",
		"Selles failis ei ole allkirja.",
	},
	"verdict.": {"Nothing was judged.", "Нічого не оцінено.", "Midagi ei hinnatud."},

	"question.unchanged":      {"Unchanged?", "Не змінено?", "Muutmata?"},
	"question.who":            {"Who?", "Хто?", "Kes?"},
	"question.who-vouches":    {"Who vouches for them?", "Хто за них ручається?", "Kes seda kinnitab?"},
	"question.when":           {"When?", "Коли?", "Millal?"},
	"question.still-in-force": {"Still in force?", "Досі чинний?", "Kas endiselt jõus?"},

	"mark.yes":     {"yes", "так", "jah"},
	"mark.no":      {"no", "ні", "ei"},
	"mark.unknown": {"cannot tell", "невідомо", "teadmata"},

	"label.signature":  {"Signature {1} of {2}: {3}", "Підпис {1} з {2}: {3}", "Allkiri {1}/{2}: {3}"},
	"label.time-stamp": {"Time-stamp: {1}", "Позначка часу: {1}", "Ajatempel: {1}"},
	"label.claims":     {"The document states:", "У документі зазначено:", "Dokumendis on kirjas:"},
	"label.checks":     {"Checks:", "Перевірки:", "Kontrollid:"},
	"label.chain":      {"Certificates:", "Сертифікати:", "Sertifikaadid:"},
	"label.notes":      {"Notes:", "Примітки:", "Märkused:"},
	"label.passed":     {"passed", "пройдено", "läbitud"},
	"label.failed":     {"failed", "не пройдено", "läbimata"},
	"label.document":   {"Document: {1}", "Документ: {1}", "Dokument: {1}"},
	"label.judged": {
		"Judged as of {1:time} by policy {2}.",
		"Оцінено станом на {1:time} за політикою {2}.",
		"Hinnatud seisuga {1:time} poliitika {2} järgi.",
	},
}
