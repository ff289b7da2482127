package sdjwt

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tamga/formats"
	"tamga/formats/internal/jose"
)

// maxShown is the longest text that is shown as it is; longer ones, and data
// URLs, are portraits and the like.
const maxShown = 1024

// told are the claims of the top level that have a place of their own in
// [formats.Credential].
var told = []string{"iss", "iat", "nbf", "exp", "vct", "vct#integrity", "cnf", "status"}

// elements flattens the claims for people: address.locality, nationalities[0].
func elements(claims *jose.Value) []formats.Element {
	var out []formats.Element
	for i := range claims.Members {
		if m := &claims.Members[i]; !slices.Contains(told, m.Name) {
			out = flatten(out, &m.Value, member("", m.Name))
		}
	}
	return out
}

func flatten(out []formats.Element, v *jose.Value, path string) []formats.Element {
	for i := range v.Members {
		out = flatten(out, &v.Members[i].Value, member(path, v.Members[i].Name))
	}
	for i := range v.Items {
		out = flatten(out, &v.Items[i], element(path, i))
	}
	if len(v.Members) > 0 || len(v.Items) > 0 {
		return out
	}
	return append(out, formats.Element{Name: path, Value: show(v)})
}

// member is the path of a member. Names with anything but letters, digits, _
// and - are quoted, so that two claims never have one path.
func member(path, name string) string {
	plain := name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-'
	})
	switch {
	case !plain:
		return path + "[" + strconv.Quote(name) + "]"
	case path == "":
		return name
	}
	return path + "." + name
}

func element(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// show renders a value without members and items.
func show(v *jose.Value) string {
	switch v.Kind {
	case '"':
		if len(v.Text) > maxShown || strings.HasPrefix(v.Text, "data:") {
			return fmt.Sprintf("(%d bytes)", len(v.Text))
		}
		return v.Text
	case '0':
		if len(v.Text) > maxShown {
			return fmt.Sprintf("(a number of %d digits)", len(v.Text))
		}
		return v.Text
	case 't':
		return "true"
	case 'f':
		return "false"
	case '{':
		return "{}"
	case '[':
		return "[]"
	}
	return "null"
}
