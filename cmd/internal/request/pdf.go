package request

import (
	"strconv"
	"strings"

	"tamga/formats/pades"
)

// PDF is what can be wished of a signature in a PDF only, as words.
type PDF struct {
	Field    string
	Reason   string
	Location string
	// Certify is "no-changes", "forms" or "annotations"; "": an approval.
	Certify     string
	Attestation string // why a certified document holds what could change its looks
	// Lock is "document", "all", "fields:NAME,NAME" or "except:NAME,NAME".
	Lock string
	// Visible is "yes", or any of "page=N", "rect=LEFT:TOP:WIDTH:HEIGHT" in
	// millimetres from the upper left corner, and "text=no", with commas.
	Visible  string
	Image    []byte // PNG or JPEG; makes it visible, as QR does
	QR       string
	Language string // of what is shown: "en", "uk", "et"
}

// empty reports whether nothing is wished. The language alone is no wish.
func (p PDF) empty() bool {
	words := p.Field + p.Reason + p.Location + p.Certify + p.Attestation + p.Lock + p.Visible + p.QR
	return words == "" && len(p.Image) == 0
}

// preparer returns who makes such a signature.
func (p PDF) preparer() (pades.Preparer, error) {
	out := pades.Preparer{Field: p.Field, Reason: p.Reason, Location: p.Location, Attestation: p.Attestation}
	var known bool
	if out.Certify, known = permissions[strings.ToLower(p.Certify)]; !known {
		return out, &Error{"unknown permission of a certification", "certify with no-changes, forms (which may " +
			"be filled in and signed) or annotations (which may also be made)"}
	}
	var err error
	if out.Lock, err = p.lock(); err != nil {
		return out, err
	}
	if p.Visible == "" && len(p.Image) == 0 && p.QR == "" {
		return out, nil
	}
	out.Appearance = &pades.Appearance{Image: p.Image, QR: p.QR, Language: p.Language}
	return out, p.place(&out)
}

var permissions = map[string]pades.Permission{
	"": 0, "no-changes": pades.NoChanges, "forms": pades.FillForms, "annotations": pades.Annotate,
}

func (p PDF) lock() (*pades.Lock, error) {
	kind, names, listed := strings.Cut(p.Lock, ":")
	switch kind = strings.ToLower(kind); {
	case p.Lock == "":
		return nil, nil
	case kind == "document" && !listed:
		return &pades.Lock{Action: pades.LockAll, Permission: pades.NoChanges}, nil
	case kind == "all" && !listed:
		return &pades.Lock{Action: pades.LockAll}, nil
	case kind == "fields" && names != "":
		return &pades.Lock{Action: pades.LockInclude, Fields: strings.Split(names, ",")}, nil
	case kind == "except" && names != "":
		return &pades.Lock{Action: pades.LockExclude, Fields: strings.Split(names, ",")}, nil
	}
	return nil, &Error{"unknown lock", "lock all (form fields), fields:NAME,NAME, except:NAME,NAME, " +
		"or document (then nothing at all may be changed)"}
}

// place reads Visible.
func (p PDF) place(out *pades.Preparer) error {
	mistake := &Error{"where the signature is to be seen cannot be understood",
		"say yes, or for example page=1,rect=20:250:80:25 (millimetres from the left, from the top, wide, high)"}
	if v := strings.ToLower(p.Visible); v == "" || v == "yes" {
		return nil
	}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(strings.ToLower(p.Visible), ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if seen[key] {
			return mistake
		}
		seen[key] = true
		ok := false
		switch key {
		case "page":
			out.Page, ok = page(value)
		case "rect":
			out.Appearance.Rect, ok = rectangle(value)
		case "text":
			out.Appearance.NoText, ok = value == "no", value == "no" || value == "yes"
		}
		if !ok {
			return mistake
		}
	}
	return nil
}

// page reads the number of a page, from 1 or with a minus from the end.
func page(value string) (int, bool) {
	if value == "last" {
		return -1, true
	}
	n, err := strconv.ParseInt(value, 10, 32)
	return int(n), err == nil && n != 0
}

// rectangle reads four lengths in millimetres.
func rectangle(value string) (pades.Rect, bool) {
	parts := strings.Split(value, ":")
	if len(parts) != 4 {
		return pades.Rect{}, false
	}
	var n [4]float64
	for i, part := range parts {
		mm, err := strconv.ParseFloat(part, 64)
		if err != nil || !(mm >= 0 && mm < 100_000) {
			return pades.Rect{}, false
		}
		n[i] = mm * 72 / 25.4
	}
	return pades.Rect{Left: n[0], Top: n[1], Width: n[2], Height: n[3]}, n[2] > 0 && n[3] > 0
}
