package report

// subIndicationMessages say what a sub-indication of EN 319 102-1 means, and
// what to do next.
var subIndicationMessages = map[string]message{
	"sub.FORMAT_FAILURE": {
		"The signature is not built as its format demands. Ask the sender for the original file.",
		"Підпис побудовано не за правилами формату. Попросіть у відправника оригінал файлу.",
		"Allkiri ei ole koostatud vormingu reeglite järgi. Küsige saatjalt algset faili.",
	},
	"sub.HASH_FAILURE": {
		"The content was changed after it was signed, or belongs to another signature. Ask the sender for the original file.",
		"Вміст змінено після підписання, або він належить до іншого підпису. Попросіть у відправника оригінал файлу.",
		"Sisu on pärast allkirjastamist muudetud või kuulub teise allkirja juurde. Küsige saatjalt algset faili.",
	},
	"sub.SIG_CRYPTO_FAILURE": {
		"The signature was damaged, changed or forged. Ask the sender to sign again.",
		"Підпис пошкоджено, змінено або підроблено. Попросіть відправника підписати ще раз.",
		"Allkiri on rikutud, muudetud või võltsitud. Paluge saatjal uuesti allkirjastada.",
	},
	"sub.REVOKED": {
		"The certificate had been revoked before the signature was made. Ask the signer to sign again with a valid one.",
		"Сертифікат було відкликано до створення підпису. Попросіть підписати ще раз чинним сертифікатом.",
		"Sertifikaat oli enne allkirja andmist tühistatud. Paluge uuesti allkirjastada kehtiva sertifikaadiga.",
	},
	"sub.EXPIRED": {
		"It had expired. Ask for one that is in force.",
		"Строк дії закінчився. Попросіть чинний документ або підпис.",
		"Kehtivusaeg oli lõppenud. Küsige kehtivat.",
	},
	"sub.NOT_YET_VALID": {
		"It was not in force yet. Wait for its first day, or ask the issuer.",
		"Ще не набув чинності. Зачекайте першого дня дії або зверніться до видавця.",
		"See ei olnud veel jõus. Oodake esimest kehtivuspäeva või pöörduge väljaandja poole.",
	},
	"sub.SIG_CONSTRAINTS_FAILURE": {
		"The signature lacks what the policy demands, or does not cover all of the document. Ask the signer for a complete one.",
		"Підпису бракує того, що вимагає політика, або він охоплює не весь документ. Попросіть повний підпис.",
		"Allkirjal puudub see, mida poliitika nõuab, või see ei hõlma kogu dokumenti. Küsige täielikku allkirja.",
	},
	"sub.CHAIN_CONSTRAINTS_FAILURE": {
		"The certificate is not meant for this purpose. Ask the signer to use a suitable one.",
		"Сертифікат не призначено для цієї мети. Попросіть підписувача скористатися належним.",
		"Sertifikaat ei ole selleks otstarbeks mõeldud. Paluge kasutada sobivat.",
	},
	"sub.CERTIFICATE_CHAIN_GENERAL_FAILURE": {
		"The certificates between the signer and those you trust break a rule. Ask the issuer of the certificate.",
		"Сертифікати між підписувачем і тими, кому ви довіряєте, порушують правило. Зверніться до видавця сертифіката.",
		"Allkirjastaja ja usaldatava vahelised sertifikaadid rikuvad reeglit. Pöörduge sertifikaadi väljaandja poole.",
	},
	"sub.CRYPTO_CONSTRAINTS_FAILURE": {
		"The algorithm or the key is not accepted. Ask the signer to sign with a stronger one.",
		"Алгоритм або ключ не приймається. Попросіть підписати стійкішим.",
		"Algoritmi või võtit ei aktsepteerita. Paluge allkirjastada tugevamaga.",
	},
	"sub.POLICY_PROCESSING_ERROR": {
		"The policy has no rule for this. Choose another policy.",
		"Політика не має правила для цього. Оберіть іншу політику.",
		"Poliitikas ei ole selle kohta reeglit. Valige teine poliitika.",
	},
	"sub.SIGNATURE_POLICY_NOT_AVAILABLE": {
		"The signature policy that the signer names is not at hand. Ask the signer for it.",
		"Політики підпису, на яку посилається підписувач, немає. Попросіть її у підписувача.",
		"Allkirjapoliitikat, millele allkirjastaja viitab, ei ole. Küsige seda allkirjastajalt.",
	},
	"sub.TIMESTAMP_ORDER_FAILURE": {
		"The time-stamps contradict each other. Ask the signer to sign again.",
		"Позначки часу суперечать одна одній. Попросіть підписати ще раз.",
		"Ajatemplid on omavahel vastuolus. Paluge uuesti allkirjastada.",
	},
	"sub.NO_SIGNING_CERTIFICATE_FOUND": {
		"The signer's certificate is not in the file. Ask the signer to include it.",
		"У файлі немає сертифіката підписувача. Попросіть підписувача додати його.",
		"Allkirjastaja sertifikaati failis ei ole. Paluge see lisada.",
	},
	"sub.NO_CERTIFICATE_CHAIN_FOUND": {
		"Nobody whom you trust vouches for the signer. If you know the issuer, add its certificate to those you trust.",
		"Ніхто, кому ви довіряєте, не ручається за підписувача. Якщо ви знаєте видавця, додайте його сертифікат до довірених.",
		"Keegi, keda te usaldate, ei kinnita allkirjastaja isikut. Kui tunnete väljaandjat, lisage tema sertifikaat usaldatavate hulka.",
	},
	"sub.NO_CERTIFICATE_CHAIN_FOUND_NO_POE": {
		"Nobody vouches for the signer today, and nothing proves that the signature is older. Ask for a copy with a time-stamp.",
		"Сьогодні ніхто не ручається за підписувача, і ніщо не доводить, що підпис давніший. Попросіть копію з позначкою часу.",
		"Praegu ei kinnita allkirjastajat keegi ja miski ei tõenda, et allkiri on vanem. Küsige ajatempliga koopiat.",
	},
	"sub.REVOKED_NO_POE": {
		"The certificate was revoked, and nothing proves that the signature is older. Ask for a copy with a time-stamp, or a new signature.",
		"Сертифікат відкликано, і ніщо не доводить, що підпис давніший. Попросіть копію з позначкою часу або новий підпис.",
		"Sertifikaat on tühistatud ja miski ei tõenda, et allkiri on vanem. Küsige ajatempliga koopiat või uut allkirja.",
	},
	"sub.REVOKED_CA_NO_POE": {
		"An issuer's certificate was revoked, and nothing proves that the signature is older. Ask for a new signature.",
		"Сертифікат видавця відкликано, і ніщо не доводить, що підпис давніший. Попросіть новий підпис.",
		"Väljaandja sertifikaat on tühistatud ja miski ei tõenda, et allkiri on vanem. Küsige uut allkirja.",
	},
	"sub.OUT_OF_BOUNDS_NOT_REVOKED": {
		"The certificate is past its dates; it was not revoked, but nothing proves that the signature is older. Ask for a copy with a time-stamp.",
		"Строк дії сертифіката минув; його не відкликано, але ніщо не доводить, що підпис давніший. Попросіть копію з позначкою часу.",
		"Sertifikaadi aeg on läbi; seda ei tühistatud, kuid miski ei tõenda, et allkiri on vanem. Küsige ajatempliga koopiat.",
	},
	"sub.OUT_OF_BOUNDS_NO_POE": {
		"The certificate is outside of its dates, and nothing proves that the signature was made within them. Ask for a copy with a time-stamp.",
		"Сертифікат поза строком дії, і ніщо не доводить, що підпис створено в його межах. Попросіть копію з позначкою часу.",
		"Sertifikaat on väljaspool oma kehtivusaega ja miski ei tõenda, et allkiri anti selle sees. Küsige ajatempliga koopiat.",
	},
	"sub.CRYPTO_CONSTRAINTS_FAILURE_NO_POE": {
		"The algorithm or the key is too weak by now, and nothing proves that the signature is older. Ask for a new signature.",
		"Алгоритм або ключ нині заслабкий, і ніщо не доводить, що підпис давніший. Попросіть новий підпис.",
		"Algoritm või võti on praeguseks liiga nõrk ja miski ei tõenda, et allkiri on vanem. Küsige uut allkirja.",
	},
	"sub.NO_POE": {
		"There is no proof that it existed in time. Ask for a copy with a time-stamp.",
		"Немає доказу, що він існував вчасно. Попросіть копію з позначкою часу.",
		"Puudub tõend, et see oli õigel ajal olemas. Küsige ajatempliga koopiat.",
	},
	"sub.TRY_LATER": {
		"Whether it was revoked is not known yet. Fetch the issuer's revocation list or status, and try again.",
		"Ще невідомо, чи його відкликано. Отримайте список відкликання або стан від видавця і спробуйте ще раз.",
		"Ei ole veel teada, kas see on tühistatud. Hankige väljaandja tühistusnimekiri või staatus ja proovige uuesti.",
	},
	"sub.SIGNED_DATA_NOT_FOUND": {
		"The signed file is not here. Give it together with the signature.",
		"Підписаного файлу тут немає. Подайте його разом із підписом.",
		"Allkirjastatud faili siin ei ole. Esitage see koos allkirjaga.",
	},
	"sub.REVOCATION_OUT_OF_BOUNDS_NO_POE": {
		"Whoever signed the revocation information was outside of the dates of their own certificate, and nothing proves that the information is older. Fetch fresh revocation information, and try again.",
		"Сертифікат того, хто підписав відомості про відкликання, поза строком дії, і ніщо не доводить, що ці відомості давніші. Отримайте свіжі відомості про відкликання і спробуйте ще раз.",
		"Tühistusandmete allkirjastaja sertifikaat on väljaspool oma kehtivusaega ja miski ei tõenda, et andmed on vanemad. Hankige värsked tühistusandmed ja proovige uuesti.",
	},
	"sub.CUSTOM": {
		"A rule that goes beyond the standard was not met. Read the check that failed, or ask whoever wrote the policy.",
		"Не виконано правило, якого немає в стандарті. Прочитайте, яку перевірку не пройдено, або запитайте автора політики.",
		"Täitmata jäi reegel, mida standardis ei ole. Lugege, milline kontroll jäi läbimata, või küsige poliitika koostajalt.",
	},
}

// indicationMessages say what the main indication of EN 319 102-1 means, and
// what to do next.
var indicationMessages = map[string]message{
	"indication.TOTAL-PASSED": {
		"The signature is whole, it fits its signer, and it meets everything that the policy demands. You can rely on it.",
		"Підпис цілий, належить підписувачу і відповідає всім вимогам політики. На нього можна покластися.",
		"Allkiri on terve, kuulub allkirjastajale ja vastab kõigile poliitika nõuetele. Sellele võib tugineda.",
	},
	"indication.TOTAL-FAILED": {
		"The signature is known to be bad: it or the content was changed, or its certificate was not in force when it was made. Do not rely on it, and ask the sender for the original.",
		"Відомо, що підпис негодящий: його або вміст змінено, чи сертифікат не був чинний, коли його створено. Не покладайтеся на нього і попросіть у відправника оригінал.",
		"Allkiri on teadaolevalt vigane: seda või sisu on muudetud või sertifikaat ei kehtinud allkirja andmise ajal. Ärge sellele tuginege ja küsige saatjalt algset faili.",
	},
	"indication.INDETERMINATE": {
		"What is at hand proves the signature neither good nor bad. Do what the sub-indication says, and verify again.",
		"Наявних відомостей не досить, щоб визнати підпис правильним чи негодящим. Зробіть те, що радить уточнення, і перевірте ще раз.",
		"Olemasolevate andmete põhjal ei saa allkirja lugeda ei heaks ega halvaks. Tehke, mida täpsustus soovitab, ja kontrollige uuesti.",
	},
	"indication.UNCHECKED": {
		"Nothing was asked of this signature, so nothing is known of it. Do not rely on it.",
		"Цей підпис не перевірено, тож про нього нічого не відомо. Не покладайтеся на нього.",
		"Seda allkirja ei kontrollitud, seega ei ole sellest midagi teada. Ärge sellele tuginege.",
	},
}
