package report

// answerMessages are the answers to the first four questions.
var answerMessages = map[string]message{
	"hidden": {
		"Not shown, because the signature does not hold.",
		"Не показано, бо підпис не справджується.",
		"Ei näidata, sest allkiri ei pea paika.",
	},

	"unchanged.whole": {
		"Nothing has changed since it was signed.",
		"Після підписання нічого не змінено.",
		"Pärast allkirjastamist ei ole midagi muudetud.",
	},
	"unchanged.detached": {
		"{1} is what was signed; nothing has changed since.",
		"{1} – саме те, що було підписано; відтоді нічого не змінено.",
		"{1} on see, mis allkirjastati; pärast seda ei ole midagi muudetud.",
	},
	"unchanged.other": {
		"{1} is not what was signed.",
		"{1} – не те, що було підписано.",
		"{1} ei ole see, mis allkirjastati.",
	},
	"unchanged.later": {
		"What was signed is unchanged; {1:n|byte was|bytes were} added later and alter nothing that was signed.",
		"Підписане не змінено; пізніше додано {1:n|байт|байти|байтів}, які не змінюють нічого з підписаного.",
		"Allkirjastatu on muutmata; hiljem lisati {1:n|bait|baiti}, mis ei muuda midagi allkirjastatust.",
	},
	// {1} what, in the format's words
	"unchanged.seen": {
		"What was signed is unchanged. Added later, as it allows: {1}.",
		"Підписане не змінено. Пізніше додано, як воно дозволяє: {1}.",
		"Allkirjastatu on muutmata. Hiljem lisati, nagu see lubab: {1}.",
	},
	"unchanged.content": {
		"The content is not what was signed.",
		"Вміст не такий, який було підписано.",
		"Sisu ei ole see, mis allkirjastati.",
	},
	"unchanged.value": {
		"The signature does not fit the content and the signer's key: it was damaged, changed or forged.",
		"Підпис не відповідає вмісту та ключу підписувача: його пошкоджено, змінено або підроблено.",
		"Allkiri ei sobi sisu ega allkirjastaja võtmega: see on rikutud, muudetud või võltsitud.",
	},
	"unchanged.format": {
		"The signature is not built as its format demands, so it proves nothing.",
		"Підпис побудовано не так, як вимагає його формат, тому він нічого не доводить.",
		"Allkiri ei ole koostatud nii, nagu vorming nõuab, seega ei tõenda see midagi.",
	},
	"unchanged.added": {
		"After signing, {1:n|byte was|bytes were} added that may alter what you see.",
		"Після підписання додано {1:n|байт|байти|байтів}, що можуть змінити те, що ви бачите.",
		"Pärast allkirjastamist lisati {1:n|bait|baiti}, mis võib muuta nähtavat.",
	},
	"unchanged.missing": {
		"The signed file is not here. Give it together with the signature.",
		"Підписаного файлу тут немає. Подайте його разом із підписом.",
		"Allkirjastatud faili siin ei ole. Esitage see koos allkirjaga.",
	},
	"unchanged.unchecked": {
		"The signature could not be checked.",
		"Підпис не вдалося перевірити.",
		"Allkirja ei õnnestunud kontrollida.",
	},

	"who.signed": {"Signed by {1}.", "Підписав(-ла): {1}.", "Allkirjastaja: {1}."},
	"who.issued": {"Issued by {1}.", "Видавець: {1}.", "Väljaandja: {1}."},
	"who.earlier": {
		"{1} signed an earlier version, not what you see.",
		"{1} – підписувач попередньої версії, а не того, що ви бачите.",
		"{1} allkirjastas varasema versiooni, mitte selle, mida te näete.",
	},
	"who.unvouched": {
		"The certificate says {1}; anybody can write that.",
		"У сертифікаті вказано: {1}; таке може написати будь-хто.",
		"Sertifikaadis on kirjas {1}; seda võib kirjutada igaüks.",
	},
	"who.nobody": {
		"The signer's certificate was not found, or could not be used.",
		"Сертифіката підписувача не знайдено, або ним не можна скористатися.",
		"Allkirjastaja sertifikaati ei leitud või ei saa seda kasutada.",
	},

	"vouches.anchor": {
		"{1} issued the certificate, and is vouched for by {2}.",
		"Сертифікат видав {1}; за нього ручається {2}.",
		"Sertifikaadi andis välja {1}, keda kinnitab {2}.",
	},
	"vouches.issuer": {
		"{1} issued the certificate, and you trust it directly.",
		"Сертифікат видав {1}, якому ви довіряєте безпосередньо.",
		"Sertifikaadi andis välja {1}, keda te usaldate otse.",
	},
	"vouches.self": {
		"You trust this certificate directly: {1}.",
		"Ви довіряєте цьому сертифікату безпосередньо: {1}.",
		"Te usaldate seda sertifikaati otse: {1}.",
	},
	"vouches.refused": {
		"{1} certified the key, but not for this purpose.",
		"{1} засвідчує цей ключ, але не для цієї мети.",
		"{1} on võtme sertifitseerinud, kuid mitte selleks otstarbeks.",
	},
	"vouches.nobody": {
		"Nobody whom you trust vouches for the signer.",
		"Ніхто, кому ви довіряєте, не ручається за підписувача.",
		"Keegi, keda te usaldate, ei kinnita allkirjastaja isikut.",
	},

	"when.proven": {
		"Proven: it existed at {1:time}, by the time-stamp of {2}.",
		"Доведено: підпис існував {1:time}, за позначкою часу від {2}.",
		"Tõendatud: see oli olemas {1:time}, ajatempli andis {2}.",
	},
	"when.claimed": {
		"Only claimed: the signer says {1:time}; nothing proves it.",
		"Лише заявлено: підписувач вказує {1:time}; цього ніщо не доводить.",
		"Üksnes väide: allkirjastaja sõnul {1:time}; seda ei tõenda miski.",
	},
	"when.unproven": {
		"Only claimed: the signer says {1:time}; the proof of time that came with it cannot be relied on.",
		"Лише заявлено: підписувач вказує {1:time}; на доданий доказ часу не можна покластися.",
		"Üksnes väide: allkirjastaja sõnul {1:time}; lisatud ajatõendile ei saa tugineda.",
	},
	"when.issued": {
		"Only claimed: the issuer says {1:time}; nothing else proves it.",
		"Лише заявлено: видавець вказує {1:time}; більше ніщо цього не доводить.",
		"Üksnes väide: väljaandja sõnul {1:time}; muu seda ei tõenda.",
	},
	"when.unsaid": {
		"The signature does not say when it was made.",
		"Підпис не повідомляє, коли його створено.",
		"Allkiri ei ütle, millal see anti.",
	},
	"when.order": {
		"The times contradict each other: the time-stamp of {2} says {1:time}.",
		"Час суперечливий: позначка часу від {2} вказує {1:time}.",
		"Ajad on vastuolus: {2} ajatempel ütleb {1:time}.",
	},
}

// answerMessagesInForce are the answers to the last question.
var answerMessagesInForce = map[string]message{
	"force.good": {
		"The certificate is not revoked, by information of {1:time}.",
		"Сертифікат не відкликано, за відомостями від {1:time}.",
		"Sertifikaat ei ole tühistatud, andmed seisuga {1:time}.",
	},
	"force.then": {
		"It was in force when it was signed, at {1:time}; what came later does no harm.",
		"Був чинним на час підписання, {1:time}; пізніші події не шкодять.",
		"Oli allkirjastamise ajal {1:time} jõus; hilisem seda ei kahjusta.",
	},
	"force.short": {
		"The certificate lives for so short a time that it needs no revocation.",
		"Сертифікат діє так недовго, що не потребує відкликання.",
		"Sertifikaat kehtib nii lühikest aega, et seda ei ole vaja tühistada.",
	},
	"force.anchor": {
		"Trusted directly, until you decide otherwise.",
		"Пряма довіра, доки ви не вирішите інакше.",
		"Otse usaldatud, kuni te otsustate teisiti.",
	},
	"force.document": {
		"Valid until {1:time}, as its issuer signed it.",
		"Дійсний до {1:time}, як підписав видавець.",
		"Kehtib kuni {1:time}, nagu väljaandja on allkirjastanud.",
	},
	"force.document-open": {
		"Its issuer set no end to it.",
		"Видавець не встановив кінця дії.",
		"Väljaandja ei ole kehtivuse lõppu määranud.",
	},
	"force.document-expired": {
		"The document expired at {1:time}.",
		"Строк дії документа закінчився {1:time}.",
		"Dokument aegus {1:time}.",
	},
	"force.document-not-yet": {
		"The document is valid only from {1:time}.",
		"Документ дійсний лише з {1:time}.",
		"Dokument kehtib alles alates {1:time}.",
	},
	"force.status": {
		"The issuer keeps a list of revoked documents, and it was not asked.",
		"Видавець веде список відкликаних документів, і його не запитано.",
		"Väljaandja peab tühistatud dokumentide nimekirja, kuid sealt ei küsitud.",
	},
	"force.revoked": {
		"The certificate was revoked at {1:time}, and nothing proves that it signed before.",
		"Сертифікат відкликано {1:time}, і ніщо не доводить, що підпис створено раніше.",
		"Sertifikaat tühistati {1:time} ja miski ei tõenda, et allkiri anti enne seda.",
	},
	"force.issuer": {
		"The certificate of {1}, who vouches for the signer, was revoked at {2:time}.",
		"Сертифікат того, хто ручається за підписувача ({1}), відкликано {2:time}.",
		"Allkirjastajat kinnitava {1} sertifikaat tühistati {2:time}.",
	},
	"force.hold": {
		"The certificate has been suspended since {1:time}.",
		"Дію сертифіката зупинено з {1:time}.",
		"Sertifikaadi kehtivus on peatatud alates {1:time}.",
	},
	"force.expired": {
		"The certificate expired at {1:time}, and nothing proves that it signed before.",
		"Строк дії сертифіката закінчився {1:time}, і ніщо не доводить, що підпис створено раніше.",
		"Sertifikaat aegus {1:time} ja miski ei tõenda, et allkiri anti enne seda.",
	},
	"force.signed-late": {
		"It was signed after the certificate expired at {1:time}.",
		"Підпис створено після того, як {1:time} закінчився строк дії сертифіката.",
		"Allkiri anti pärast sertifikaadi aegumist {1:time}.",
	},
	"force.not-yet": {
		"The certificate is valid only from {1:time}.",
		"Сертифікат дійсний лише з {1:time}.",
		"Sertifikaat kehtib alles alates {1:time}.",
	},
	"force.unknown": {
		"It is not known whether the certificate was revoked: no fresh list or answer is at hand.",
		"Невідомо, чи відкликано сертифікат: свіжого списку чи відповіді немає.",
		"Ei ole teada, kas sertifikaat on tühistatud: värsket nimekirja ega vastust ei ole.",
	},
	"force.unvouched": {
		"Without somebody you trust, nobody can say whether it was revoked.",
		"Без того, кому ви довіряєте, ніхто не скаже, чи його відкликано.",
		"Ilma usaldatava väljaandjata ei saa öelda, kas see on tühistatud.",
	},
	"force.weak": {
		"It was made with means that are too weak today.",
		"Його створено засобами, які сьогодні заслабкі.",
		"See on tehtud vahenditega, mis on tänapäeval liiga nõrgad.",
	},
}
