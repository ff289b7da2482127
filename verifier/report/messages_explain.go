package report

// explainMessages are the words around an explanation of a code.
var explainMessages = map[string]message{
	"explain.check":          {"check", "перевірка", "kontroll"},
	"explain.sub-indication": {"sub-indication", "уточнення", "täpsustus"},
	"explain.indication":     {"main indication", "основний висновок", "põhiotsus"},
	"explain.answer":         {"answer", "відповідь", "vastus"},
	"explain.note":           {"note", "примітка", "märkus"},
	"explain.status":         {"verdict", "висновок", "otsus"},
	"explain.meaning":        {"Meaning", "Значення", "Tähendus"},
	"explain.do":             {"What to do", "Що робити", "Mida teha"},
	"explain.clause":         {"Written in", "Джерело", "Allikas"},
	"explain.reasons":        {"If not, then", "Якщо ні, то", "Kui ei, siis"},
	"explain.belongs":        {"Belongs to", "Належить до", "Kuulub"},
	"explain.asks":           {"It asks whether {1}.", "Питає, чи так: {1}.", "Küsib, kas see on nii: {1}."},
	"explain.no-action": {
		"Nothing: this is for your information.",
		"Нічого: це для відома.",
		"Mitte midagi: see on teadmiseks.",
	},
	"explain.read-reason": {
		"Where it failed, read the reason beside it: tamga explain knows each.",
		"Якщо не пройдено, прочитайте причину поруч: tamga explain знає кожну.",
		"Kui läbimata, lugege kõrval olevat põhjust: tamga explain tunneb igaüht.",
	},
	"explain.read-next": {
		"Where the answer is not yes, read what the report says below it.",
		"Якщо відповідь не «так», прочитайте, що сказано у звіті під нею.",
		"Kui vastus ei ole jah, lugege, mida aruanne selle all ütleb.",
	},
	"explain.list": {
		"Codes that can be explained:",
		"Коди, які можна пояснити:",
		"Koodid, mida saab selgitada:",
	},
}
