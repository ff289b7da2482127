package profile_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats/mdoc"
	"tamga/formats/sdjwt"
	"tamga/signer/profile"
)

// full has every claim of the PID Rulebook, the issuer's left out.
const full = `{
  "sex": 2, "portrait": "/9j/4A==", "nationality": ["UA", "EE"],
  "family_name": "Приклад", "given_name": "Зразок", "birth_date": "1990-02-28",
  "place_of_birth": {"locality": "Вигадане", "country": "SU"},
  "resident_address": "1 Example Street", "resident_country": "UT", "resident_state": "State",
  "resident_city": "City", "resident_postal_code": "00000", "resident_street": "Street",
  "resident_house_number": "1a", "personal_administrative_number": "000", "family_name_birth": "Інша",
  "given_name_birth": "Інший", "email_address": "a@example.com", "mobile_phone_number": "+10005550100",
  "document_number": "X1", "issuing_jurisdiction": "UT-X", "trust_anchor": "https://example.com",
  "attestation_legal_category": "PID"
}`

func read(t *testing.T, typ *profile.Type, text string) *profile.Claims {
	t.Helper()
	claims, err := typ.Read([]byte(text), occasion)
	require.NoError(t, err)
	return claims
}

// The names and encodings are those of PID Rulebook 3.1.1, in its order.
func TestMdoc(t *testing.T) {
	require.Equal(t, []mdoc.Namespace{{Name: "eu.europa.ec.eudi.pid.1", Elements: []mdoc.Element{
		{ID: "family_name", Value: "Приклад"},
		{ID: "given_name", Value: "Зразок"},
		{ID: "birth_date", Value: mdoc.FullDate("1990-02-28")},
		{ID: "place_of_birth", Value: map[string]any{"country": "SU", "locality": "Вигадане"}},
		{ID: "nationality", Value: []any{"UA", "EE"}},
		{ID: "resident_address", Value: "1 Example Street"},
		{ID: "resident_country", Value: "UT"},
		{ID: "resident_state", Value: "State"},
		{ID: "resident_city", Value: "City"},
		{ID: "resident_postal_code", Value: "00000"},
		{ID: "resident_street", Value: "Street"},
		{ID: "resident_house_number", Value: "1a"},
		{ID: "personal_administrative_number", Value: "000"},
		{ID: "portrait", Value: []byte{0xff, 0xd8, 0xff, 0xe0}},
		{ID: "family_name_birth", Value: "Інша"},
		{ID: "given_name_birth", Value: "Інший"},
		{ID: "sex", Value: int64(2)},
		{ID: "email_address", Value: "a@example.com"},
		{ID: "mobile_phone_number", Value: "+10005550100"},
		{ID: "expiry_date", Value: mdoc.FullDate("2026-06-02")},
		{ID: "issuing_authority", Value: "Testimaa Amet"},
		{ID: "issuing_country", Value: "EE"},
		{ID: "document_number", Value: "X1"},
		{ID: "issuing_jurisdiction", Value: "UT-X"},
		{ID: "issuance_date", Value: mdoc.FullDate("2026-06-01")},
		{ID: "trust_anchor", Value: "https://example.com"},
		{ID: "attestation_legal_category", Value: "PID"},
	}}}, read(t, pid(t), full).Mdoc())
}

func hidden(name string, value any) sdjwt.Claim {
	return sdjwt.Claim{Name: name, Value: value, Disclose: true}
}

// The names and encodings are those of PID Rulebook 4.1.1.
func TestSDJWT(t *testing.T) {
	require.Equal(t, []sdjwt.Claim{
		hidden("family_name", "Приклад"),
		hidden("given_name", "Зразок"),
		hidden("birthdate", "1990-02-28"),
		hidden("place_of_birth", []sdjwt.Claim{hidden("country", "SU"), hidden("locality", "Вигадане")}),
		hidden("nationalities", []sdjwt.Item{{Value: "UA", Disclose: true}, {Value: "EE", Disclose: true}}),
		hidden("address", []sdjwt.Claim{
			hidden("formatted", "1 Example Street"), hidden("country", "UT"), hidden("region", "State"),
			hidden("locality", "City"), hidden("postal_code", "00000"), hidden("street_address", "Street"),
			hidden("house_number", "1a"),
		}),
		hidden("personal_administrative_number", "000"),
		hidden("picture", "data:image/jpeg;base64,/9j/4A=="),
		hidden("birth_family_name", "Інша"),
		hidden("birth_given_name", "Інший"),
		hidden("sex", int64(2)),
		hidden("email", "a@example.com"),
		hidden("phone_number", "+10005550100"),
		hidden("date_of_expiry", "2026-06-02"),
		hidden("issuing_authority", "Testimaa Amet"),
		hidden("issuing_country", "EE"),
		hidden("document_number", "X1"),
		hidden("issuing_jurisdiction", "UT-X"),
		hidden("date_of_issuance", "2026-06-01"),
		hidden("trust_anchor", "https://example.com"),
		hidden("attestation_legal_category", "PID"),
	}, read(t, pid(t), full).SDJWT())
}

// Whoever opts out of a portrait has an empty one (ARF PID_03).
func TestEmptyPortrait(t *testing.T) {
	claims := read(t, pid(t), string(with(t, "portrait", `""`)))
	require.Contains(t, claims.Mdoc()[0].Elements, mdoc.Element{ID: "portrait", Value: []byte{}})
	require.Contains(t, claims.SDJWT(), hidden("picture", ""))
}

// One value needs no disclosure of its own: the list is shown or not.
func TestListOfOne(t *testing.T) {
	claims := read(t, pid(t), string(with(t, "nationality", `["UA"]`)))
	require.Contains(t, claims.SDJWT(), hidden("nationalities", []sdjwt.Item{{Value: "UA"}}))
}

func TestAlwaysDisclosed(t *testing.T) {
	typ, err := profile.Parse([]byte(library))
	require.NoError(t, err)
	claims := read(t, typ, `{"reader":"R1","adult":true}`)
	require.Equal(t, []sdjwt.Claim{
		{Name: "reader", Value: "R1"}, {Name: "adult", Value: true, Disclose: true},
	}, claims.SDJWT())
	require.Equal(t, []mdoc.Element{
		{ID: "reader", Value: "R1"}, {ID: "adult", Value: true},
	}, claims.Mdoc()[0].Elements)

	open := strings.Replace(library, `type = "bool"`, "type = \"country\"\nlist = true\ndisclose = \"always\"", 1)
	typ, err = profile.Parse([]byte(open))
	require.NoError(t, err)
	claims = read(t, typ, `{"reader":"R1","adult":["UA","EE"]}`)
	require.Equal(t, []sdjwt.Item{{Value: "UA"}, {Value: "EE"}}, claims.SDJWT()[1].Value)
}

// Escapes and plain letters are the same text.
func TestEscapes(t *testing.T) {
	claims := read(t, pid(t), string(with(t, "family_name", `"\u041e\"\u0301\\"`)))
	require.Equal(t, "О\"\u0301\\", claims.Mdoc()[0].Elements[0].Value)
}

// What is issued in one format only has no place in the other.
func TestOneFormat(t *testing.T) {
	var lines []string
	for _, line := range strings.Split(library, "\n") {
		if !strings.HasPrefix(line, "mdoc") {
			lines = append(lines, line)
		}
	}
	typ, err := profile.Parse([]byte(strings.Replace(strings.Join(lines, "\n"), `"mdoc", `, "", 1)))
	require.NoError(t, err)
	claims := read(t, typ, `{"reader":"R1"}`)
	require.Empty(t, claims.Mdoc()[0].Elements)
	require.Len(t, claims.SDJWT(), 1)
}
