package profile_test

import (
	"encoding/base64"
	"encoding/json/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/signer/profile"
)

var occasion = profile.Occasion{
	Issuer: profile.Issuer{Authority: "Testimaa Amet", Country: "EE"},
	From:   time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC),
	Until:  time.Date(2026, 6, 2, 12, 0, 0, 0, time.UTC),
}

const person = `{"family_name":"Приклад","given_name":"Зразок","birth_date":"1990-02-28",
 "place_of_birth":{"locality":"Вигадане"},"nationality":["UA","EE"]}`

func pid(t testing.TB) *profile.Type {
	t.Helper()
	set, err := profile.EU()
	require.NoError(t, err)
	typ, ok := set.ByName("pid")
	require.True(t, ok)
	return typ
}

// with returns person with member set to a JSON value; "" takes it out.
func with(t testing.TB, member, value string) []byte {
	t.Helper()
	var all map[string]any
	require.NoError(t, json.Unmarshal([]byte(person), &all))
	delete(all, member)
	if value == "" {
		out, err := json.Marshal(all)
		require.NoError(t, err)
		return out
	}
	rest, err := json.Marshal(all)
	require.NoError(t, err)
	name, err := json.Marshal(member)
	require.NoError(t, err)
	return []byte("{" + string(name) + ":" + value + "," + string(rest[1:]))
}

func TestReadRefuses(t *testing.T) {
	typ := pid(t)
	jpeg := base64.StdEncoding.EncodeToString([]byte("\xff\xd8\xff\xe0 secret"))
	for name, c := range map[string]struct{ member, value, want string }{
		"missing":                     {"family_name", "", "family_name is missing"},
		"unknown":                     {"age", "3", "age is not known"},
		"null for nothing":            {"family_name", "null", "family_name must be a string"},
		"a number for a string":       {"family_name", "7", "family_name must be a string"},
		"empty":                       {"family_name", `" "`, "family_name is empty"},
		"padded":                      {"family_name", `"secret "`, "family_name begins or ends"},
		"too long":                    {"family_name", `"` + strings.Repeat("є", 151) + `"`, "longer than 150"},
		"a control character":         {"family_name", `"sec\u0000ret"`, "holds control"},
		"reversed text":               {"family_name", `"sec\u202eret"`, "holds control"},
		"half a character":            {"family_name", `"\ud800"`, "is no JSON"},
		"a day that is not":           {"birth_date", `"1990-02-29"`, "birth_date is no date"},
		"a day of another order":      {"birth_date", `"28.02.1990"`, "birth_date is no date"},
		"an hour beside the day":      {"birth_date", `"1990-02-28T00:00:00Z"`, "birth_date is no date"},
		"before any living person":    {"birth_date", `"0000-01-01"`, "birth_date is no date"},
		"unborn":                      {"birth_date", `"2026-06-03"`, "birth_date lies in the future"},
		"no place":                    {"place_of_birth", `{}`, "place_of_birth says nothing"},
		"a place of text":             {"place_of_birth", `"secret"`, "place_of_birth must be a JSON object"},
		"an unknown part of a place":  {"place_of_birth", `{"street":"secret"}`, "place_of_birth.street is not known"},
		"a wrong part of a place":     {"place_of_birth", `{"country":"secret"}`, "place_of_birth.country is no country"},
		"a nation alone":              {"nationality", `"UA"`, "nationality must be a list"},
		"no nation":                   {"nationality", `[]`, "nationality is empty"},
		"a nation twice":              {"nationality", `["UA","UA"]`, "nationality holds a value twice"},
		"a nation in small letters":   {"nationality", `["ua"]`, "nationality holds a value that is no country"},
		"a nation of three letters":   {"nationality", `["UKR"]`, "nationality holds a value that is no country"},
		"a union for a nation":        {"nationality", `["EU"]`, "nationality holds a value that is no country"},
		"UK for GB":                   {"nationality", `["UK"]`, "nationality holds a value that is no country"},
		"too many nations":            {"nationality", `["` + strings.Repeat(`UA","`, 16) + `EE"]`, "more than 16"},
		"a sex beyond the list":       {"sex", "7", "sex is none of"},
		"a sex with a point":          {"sex", "1.0", "sex must be a whole number"},
		"a sex with an exponent":      {"sex", "1e0", "sex must be a whole number"},
		"a sex below nothing":         {"sex", "-0", "sex must be a whole number"},
		"a sex beyond numbers":        {"sex", strings.Repeat("9", 400), "sex must be a whole number"},
		"a sex of text":               {"sex", `"secret"`, "sex must be a whole number"},
		"mail to nobody":              {"email_address", `"secret"`, "email_address is no electronic"},
		"mail to two":                 {"email_address", `"a@secret@c"`, "email_address is no electronic"},
		"a number without a country":  {"mobile_phone_number", `"0501234567"`, "mobile_phone_number is no telephone"},
		"a picture of another kind":   {"portrait", `"c2VjcmV0"`, "portrait is no JPEG"},
		"a picture that is no base64": {"portrait", `"%"`, "portrait is no base64"},
		"a picture in two lines":      {"portrait", `"` + jpeg[:4] + `\n` + jpeg[4:] + `"`, "portrait is no base64"},
		"a picture with loose bits":   {"portrait", `"/9j/4F=="`, "portrait is no base64"},
		"a picture of a megabyte":     {"portrait", `"` + strings.Repeat("/9j/", 100000) + `"`, "portrait is larger"},
		"expired":                     {"expiry_date", `"2026-05-31"`, "expiry_date is past"},
		"issued in the future":        {"issuance_date", `"2026-06-03"`, "issuance_date lies in the future"},
		"a name that is none":         {"secret secret", "1", "(a name that is not shown) is not known"},
		"no name":                     {"", "1", "(a name that is not shown) is not known"},
	} {
		t.Run(name, func(t *testing.T) {
			claims, err := typ.Read(with(t, c.member, c.value), occasion)
			require.Nil(t, claims)
			require.ErrorIs(t, err, profile.ErrClaims)
			require.ErrorContains(t, err, c.want)
			require.NotContains(t, err.Error(), "secret", "a value is repeated")
		})
	}
}

func TestReadRefusesJSON(t *testing.T) {
	typ := pid(t)
	for name, c := range map[string]struct{ text, want string }{
		"nothing":          {"", "must be a JSON object"},
		"a list":           {"[]", "must be a JSON object"},
		"half":             {`{"family_name":"secret`, "is no JSON at byte"},
		"a second object":  {person + "{}", "is followed by something else"},
		"trailing rubbish": {person + "x", "is no JSON at byte"},
		"not UTF-8":        {"{\"family_name\":\"\xff\"}", "is no JSON at byte"},
		"too large":        {`{"family_name":"` + strings.Repeat("a", profile.MaxClaims), "more than 1048576 bytes"},
		"too deep":         {`{"family_name":` + strings.Repeat("[", 100000), "is no JSON at byte"},
		"many members":     {"{" + many(300) + "}", "more than 256 members"},
		// Of two birth dates, one reader takes the first and one the last.
		"a member twice":        {strings.Replace(person, "{", `{"birth_date":"2010-01-01",`, 1), "stands twice"},
		"a member twice inside": {strings.Replace(person, `{"loc`, `{"locality":"a","loc`, 1), "stands twice"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := typ.Read([]byte(c.text), occasion)
			require.ErrorIs(t, err, profile.ErrClaims)
			require.ErrorContains(t, err, c.want)
			require.NotContains(t, err.Error(), "secret")
			require.NotContains(t, err.Error(), "2010")
		})
	}
}

func many(n int) string {
	var parts []string
	for i := range n {
		parts = append(parts, `"a`+strings.Repeat("b", i)+`":1`)
	}
	return strings.Join(parts, ",")
}

// A form with ten mistakes comes back once, not ten times.
func TestReadNamesEveryProblem(t *testing.T) {
	_, err := pid(t).Read([]byte(`{"given_name":1,"birth_date":"x","extra":2}`), occasion)
	var claims *profile.ClaimsError
	require.ErrorAs(t, err, &claims)
	require.Equal(t, []profile.Problem{
		{Claim: "family_name", Reason: "is missing"},
		{Claim: "given_name", Reason: "must be a string"},
		{Claim: "birth_date", Reason: "is no date of the form YYYY-MM-DD"},
		{Claim: "place_of_birth", Reason: "is missing"},
		{Claim: "nationality", Reason: "is missing"},
		{Claim: "extra", Reason: "is not known for this type"},
	}, claims.Problems)

	_, err = pid(t).Read([]byte("{"+many(200)+"}"), occasion)
	require.ErrorAs(t, err, &claims)
	require.Len(t, claims.Problems, 41)
}

// A document whose settings say no issuer must not be issued without one.
func TestReadNeedsAnIssuer(t *testing.T) {
	_, err := pid(t).Read([]byte(person), profile.Occasion{From: occasion.From, Until: occasion.Until})
	require.ErrorContains(t, err, "issuing_authority is missing")
	require.ErrorContains(t, err, "issuing_country is missing")
}

// A document that outlives the right it attests would let the right live on.
func TestUntilIsCutToTheExpiryDate(t *testing.T) {
	for day, until := range map[string]time.Time{
		"2026-06-01": time.Date(2026, 6, 2, 0, 0, 0, 0, time.UTC),
		"2026-06-02": occasion.Until,
		"2036-06-01": occasion.Until,
	} {
		claims, err := pid(t).Read(with(t, "expiry_date", `"`+day+`"`), occasion)
		require.NoError(t, err)
		require.Equal(t, until, claims.Until(), day)
	}
}

// Whatever comes, claims are read without a panic; what is wrong with them is
// said without repeating them; and what is read has its place in a document.
func FuzzRead(f *testing.F) {
	typ := pid(f)
	f.Add([]byte(person))
	f.Add([]byte(`{"nationality":[],"place_of_birth":{"country":{}},"portrait":"/9j/4A==","sex":-0}`))
	f.Add([]byte(`{"a":` + strings.Repeat("[", 1000)))
	f.Fuzz(func(t *testing.T, data []byte) {
		claims, err := typ.Read(data, occasion)
		if err != nil {
			require.ErrorIs(t, err, profile.ErrClaims)
			require.Less(t, len(err.Error()), 10000)
			return
		}
		require.False(t, claims.Until().After(occasion.Until))
		require.True(t, claims.Until().After(occasion.From))
		require.NotEmpty(t, claims.Mdoc()[0].Elements)
		require.NotEmpty(t, claims.SDJWT())
	})
}
