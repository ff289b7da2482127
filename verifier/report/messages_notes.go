package report

// noteMessages are the notes. What a format or a person wrote comes in as an
// argument and stays in its own language.
var noteMessages = map[string]message{
	// {1} bytes, {2} why they are harmless, in the format's words
	"note.added-harmless": {
		"After this signature {1:n|byte was|bytes were} added, without effect on what it covers. {2}",
		"Після цього підпису додано {1:n|байт|байти|байтів} без впливу на підписане. {2}",
		"Pärast seda allkirja lisati {1:n|bait|baiti}, mis allkirjastatut ei mõjuta. {2}",
	},
	// {1} what is wrong, {2} clause
	"note.defect": {
		"It departs from its format: {1} ({2}).",
		"Є відхилення від формату: {1} ({2}).",
		"See kaldub vormingust kõrvale: {1} ({2}).",
	},
	// {1} what is wrong
	"note.defect-unplaced": {
		"It departs from its format: {1}.",
		"Є відхилення від формату: {1}.",
		"See kaldub vormingust kõrvale: {1}.",
	},
	// {1} moment, {2} authority of the time-stamp
	"note.judged-as-of": {
		"Judged as of {1:time}, the time that {2} proves.",
		"Оцінено станом на {1:time}, цей час доводить {2}.",
		"Hinnatud seisuga {1:time}, seda aega tõendab {2}.",
	},
	// {1} moment
	"note.judged-by-proofs": {
		"Judged as of {1:time}, by proofs that it existed then.",
		"Оцінено станом на {1:time}, за доказами, що підпис тоді вже існував.",
		"Hinnatud seisuga {1:time}, tõendite järgi, et see oli siis juba olemas.",
	},
	// {1} identifier of the policy
	"note.signature-policy": {
		"The signer names a signature policy ({1}); what it demands was not judged.",
		"Підписувач посилається на політику підпису ({1}); її вимоги не оцінювалися.",
		"Allkirjastaja viitab allkirjapoliitikale ({1}); selle nõudeid ei hinnatud.",
	},
	// {1} kind of the signature
	"note.signer-unbound": {
		"The signature does not say which certificate it belongs to ({1}, before PAdES).",
		"Підпис не вказує, якому сертифікату належить ({1}, до PAdES).",
		"Allkiri ei ütle, millise sertifikaadi juurde see kuulub ({1}, enne PAdES-i).",
	},
	// {1} how many were judged, {2} how many there are
	"note.timestamps-limit": {
		"Only the first {1} of {2} time-stamps were judged.",
		"Оцінено лише перші {1} з {2} позначок часу.",
		"Hinnati ainult esimest {1} ajatemplit {2}-st.",
	},
	// {1} name of the time-stamp, {2} indication and sub-indication
	"note.timestamp-unproven": {
		"{1} proves nothing: {2}.",
		"{1} нічого не доводить: {2}.",
		"{1} ei tõenda midagi: {2}.",
	},
	// {1} name, {2} kind, {3} moment, {4} authority, {5} indication and sub-indication
	"note.document-timestamp": {
		"{1} ({2}) is a time-stamp of the whole document: {3:time} by {4}; {5}.",
		"{1} ({2}) – позначка часу всього документа: {3:time}, {4}; {5}.",
		"{1} ({2}) on kogu dokumendi ajatempel: {3:time}, {4}; {5}.",
	},
	"note.holder-signed": {
		"The holder signed what is shown; whether for you, only the audience and nonce that you asked for can tell.",
		"Власник підписав те, що показано; чи саме для вас, скажуть лише отримувач і одноразове число, які ви запитали.",
		"Omanik allkirjastas näidatu; kas just teile, seda näitavad ainult teie küsitud saaja ja ühekordne arv.",
	},
	"note.holder-unjudged": {
		"Bound to a key of its holder; a proof of the holder came with it and was not judged.",
		"Прив'язано до ключа власника; доказ власника додано, але його не оцінено.",
		"Seotud omaniku võtmega; omaniku tõend oli kaasas, kuid seda ei hinnatud.",
	},
	"note.holder-bound": {
		"Bound to a key of its holder; nothing here proves who shows it.",
		"Прив'язано до ключа власника; ніщо тут не доводить, хто його показує.",
		"Seotud omaniku võtmega; miski siin ei tõenda, kes seda näitab.",
	},
	"note.holder-none": {
		"Not bound to its holder: whoever has a copy can show it.",
		"Не прив'язано до власника: його може показати кожен, хто має копію.",
		"Ei ole omanikuga seotud: seda võib näidata igaüks, kellel on koopia.",
	},
	"note.credential-irrevocable": {
		"Its issuer left no way to revoke it: it is in force by its dates and its signature alone.",
		"Видавець не передбачив відкликання: документ чинний лише за своїми датами та підписом.",
		"Väljaandja ei jätnud võimalust seda tühistada: see kehtib ainult oma kuupäevade ja allkirja järgi.",
	},
}
