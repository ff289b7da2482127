package report

// checkMessages name what each check asks, so that "passed" or "failed" beside
// it reads as a sentence: check.<id> for those who see the list of checks.
var checkMessages = map[string]message{
	"check.policy.format": {
		"the policy covers this format",
		"політика охоплює цей формат",
		"poliitika hõlmab seda vormingut",
	},
	"check.format.built": {
		"built as the format demands",
		"побудовано так, як вимагає формат",
		"koostatud nii, nagu vorming nõuab",
	},
	"check.format.signed": {
		"something is signed",
		"щось підписано",
		"midagi on allkirjastatud",
	},
	"check.signer.found": {
		"the signer's certificate is here",
		"сертифікат підписувача наявний",
		"allkirjastaja sertifikaat on olemas",
	},
	"check.signer.attribute": {
		"the signature is bound to its certificate",
		"підпис пов'язано з його сертифікатом",
		"allkiri on seotud oma sertifikaadiga",
	},
	"check.reference.present": {
		"all signed content is here",
		"увесь підписаний вміст наявний",
		"kogu allkirjastatud sisu on olemas",
	},
	"check.reference.digest": {
		"the content is what was signed",
		"вміст той самий, що й підписаний",
		"sisu on see, mis allkirjastati",
	},
	"check.signature.value": {
		"the signature fits the signer's key",
		"підпис відповідає ключу підписувача",
		"allkiri sobib allkirjastaja võtmega",
	},
	"check.acceptance.coverage": {
		"nothing harmful was added after signing",
		"після підписання не додано нічого шкідливого",
		"pärast allkirjastamist ei ole midagi kahjulikku lisatud",
	},
	"check.timestamp.time": {
		"the stamped time is possible",
		"час у позначці можливий",
		"ajatempli aeg on võimalik",
	},
	"check.certificate.path": {
		"somebody whom you trust vouches for it",
		"за нього ручається той, кому ви довіряєте",
		"seda kinnitab keegi, keda te usaldate",
	},
	"check.certificate.usage": {
		"the certificate is for signatures",
		"сертифікат призначено для підписів",
		"sertifikaat on mõeldud allkirjade jaoks",
	},
	"check.certificate.purpose": {
		"the certificate is for this purpose",
		"сертифікат призначено для цієї мети",
		"sertifikaat on mõeldud selleks otstarbeks",
	},
	"check.certificate.validity": {
		"the certificate was valid at the time that counts",
		"сертифікат був дійсний у час, що має значення",
		"sertifikaat kehtis ajal, mis loeb",
	},
	"check.revocation.signer": {
		"the certificate is not revoked",
		"сертифікат не відкликано",
		"sertifikaat ei ole tühistatud",
	},
	"check.revocation.issuers": {
		"no issuer's certificate is revoked",
		"жодного сертифіката видавців не відкликано",
		"ühegi väljaandja sertifikaat ei ole tühistatud",
	},
	"check.revocation.known": {
		"fresh revocation information is at hand",
		"є свіжі відомості про відкликання",
		"värsked tühistusandmed on olemas",
	},
	"check.acceptance.algorithm": {
		"the algorithm is strong enough",
		"алгоритм достатньо стійкий",
		"algoritm on piisavalt tugev",
	},
	"check.acceptance.key": {
		"the key is long enough",
		"ключ достатньо довгий",
		"võti on piisavalt pikk",
	},
	"check.acceptance.digests": {
		"the digests are strong enough",
		"геш-функції достатньо стійкі",
		"räsid on piisavalt tugevad",
	},
	"check.acceptance.path": {
		"the certificates are strong enough",
		"сертифікати достатньо стійкі",
		"sertifikaadid on piisavalt tugevad",
	},
	"check.time.whole": {
		"no time-stamp in it is forged",
		"жодної підробленої позначки часу в ньому немає",
		"selles ei ole võltsitud ajatempleid",
	},
	"check.time.order": {
		"the time-stamps are in order",
		"позначки часу йдуть у правильному порядку",
		"ajatemplid on õiges järjekorras",
	},
	"check.time.issued": {
		"signed after the certificate was issued",
		"підписано після видання сертифіката",
		"allkirjastatud pärast sertifikaadi väljaandmist",
	},
	"check.holder.format": {
		"the holder's proof is built as it must be",
		"доказ власника побудовано належним чином",
		"omaniku tõend on koostatud nõuetekohaselt",
	},
	"check.holder.digest": {
		"the holder signed what is shown",
		"власник підписав саме те, що показано",
		"omanik allkirjastas just selle, mida näidatakse",
	},
	"check.holder.value": {
		"the proof fits the holder's key",
		"доказ відповідає ключу власника",
		"tõend sobib omaniku võtmega",
	},
	"check.credential.validity": {
		"the document is within its dates",
		"строк дії документа триває",
		"dokument on oma kehtivusajas",
	},
	"check.credential.signed": {
		"issued while the issuer's certificate was valid",
		"видано, коли сертифікат видавця був дійсний",
		"välja antud väljaandja sertifikaadi kehtivuse ajal",
	},
	"check.credential.status": {
		"the document's status is known",
		"стан документа відомий",
		"dokumendi staatus on teada",
	},
	"check.counter.signature": {
		"no counter-signature in it is forged",
		"жодного підробленого засвідчувального підпису в ньому немає",
		"selles ei ole võltsitud kinnitusallkirju",
	},
	"check.archive.poe": {
		"its evidence is proven to be old enough",
		"доведено, що його докази достатньо давні",
		"on tõendatud, et selle tõendid on piisavalt vanad",
	},
	"check.archive.timestamp": {
		"the archive time-stamp covers all that it must",
		"архівна позначка часу охоплює все, що має охоплювати",
		"arhiiviajatempel hõlmab kõike, mida peab",
	},
	"check.archive.level": {
		"it carries the evidence for the long term that the policy demands",
		"він містить докази для довготривалого зберігання, яких вимагає політика",
		"see sisaldab pikaajalisi tõendeid, mida poliitika nõuab",
	},
	"check.past.certificate": {
		"its certificates were in force at a time that can be proven",
		"сертифікати були чинні в час, який можна довести",
		"sertifikaadid kehtisid ajal, mida saab tõendada",
	},
	"check.past.sliding": {
		"a time can be found at which every certificate was in force",
		"є час, у який усі сертифікати були чинні",
		"leidub aeg, mil kõik sertifikaadid kehtisid",
	},
	"check.past.signature": {
		"the signature is proven to have existed by then",
		"доведено, що підпис тоді вже існував",
		"on tõendatud, et allkiri oli siis juba olemas",
	},
	"check.evidence.record": {
		"the evidence record covers it and holds",
		"запис доказів охоплює його і справджується",
		"tõendikirje hõlmab seda ja peab paika",
	},
	"check.revocation.responder": {
		"whoever signed the revocation information may do so",
		"той, хто підписав відомості про відкликання, має на це право",
		"tühistusandmete allkirjastajal on selleks õigus",
	},
	"check.certificate.policies": {
		"the certificates follow an accepted certificate policy",
		"сертифікати видано за прийнятною політикою сертифікації",
		"sertifikaadid järgivad aktsepteeritud sertifitseerimispoliitikat",
	},
	"check.certificate.constraints": {
		"the certificates keep the limits that their issuers set",
		"сертифікати дотримуються обмежень, які встановили видавці",
		"sertifikaadid järgivad väljaandjate seatud piiranguid",
	},
	"check.policy.signature": {
		"the signature policy that it names is at hand and was followed",
		"зазначена в ньому політика підпису наявна, і її дотримано",
		"selles nimetatud allkirjapoliitika on olemas ja seda järgiti",
	},
	"check.acceptance.level": {
		"it has the level that the policy demands",
		"він має рівень, якого вимагає політика",
		"sellel on tase, mida poliitika nõuab",
	},
}
