package mdoc

import (
	"crypto"
	"fmt"
	"strings"
	"time"

	"tamga/formats"
	"tamga/formats/internal/cose"
	"tamga/pki"
)

// mso is a MobileSecurityObject.
type mso struct {
	version, docType              string
	hash                          pki.Hash
	hashName                      string
	digests                       map[string]map[int64][]byte
	deviceKey                     crypto.PublicKey // nil: none that can be read
	signed, validFrom, validUntil time.Time
	expectedUpdate                time.Time // zero: not said
	statusURI                     string
	statusIdx                     int64
	statusKind                    string
}

// readMSO reads the payload of issuerAuth, #6.24(bstr .cbor
//
//	MobileSecurityObject = {                       9.1.2.4
//	  "version": tstr, "digestAlgorithm": tstr,
//	  "valueDigests": { + name => { + digestID => bstr } },
//	  "deviceKeyInfo": { "deviceKey": COSE_Key, … },
//	  "docType": tstr,
//	  "validityInfo": { "signed", "validFrom", "validUntil", ? "expectedUpdate": tdate },
//	  ? "status": { … }                            second edition, 12.3.6
//	})
func readMSO(payload []byte, d *defects) (*mso, error) {
	inner, err := cose.Encoded(payload)
	if err != nil {
		return nil, err
	}
	m, err := cose.ReadMap(inner)
	if err != nil {
		return nil, err
	}
	o := &mso{}
	if o.version, err = cose.Text(m["version"]); err != nil {
		return nil, fmt.Errorf("version: %w", err)
	}
	if o.version != "1.0" {
		if !strings.HasPrefix(o.version, "1.") {
			return nil, fmt.Errorf("%w: version %.16q", formats.ErrUnsupported, o.version)
		}
		d.note("9.1.2.4", "version %s", people(o.version))
	}
	if o.docType, err = cose.Text(m["docType"]); err != nil {
		return nil, fmt.Errorf("docType: %w", err)
	}
	if o.hashName, err = cose.Text(m["digestAlgorithm"]); err != nil {
		return nil, fmt.Errorf("digestAlgorithm: %w", err)
	}
	if o.hash = digestNames[o.hashName]; !o.hash.Known() {
		d.fatal("9.1.2.5", "digest algorithm %.64q is not supported", o.hashName)
	}
	if err := o.readDigests(m["valueDigests"]); err != nil {
		return nil, fmt.Errorf("valueDigests: %w", err)
	}
	if err := o.readValidity(m["validityInfo"], d); err != nil {
		return nil, fmt.Errorf("validityInfo: %w", err)
	}
	o.readDeviceKey(m["deviceKeyInfo"], d)
	if status, ok := m["status"]; ok {
		o.readStatus(status, d)
	}
	return o, nil
}

func (o *mso) readDigests(raw cose.Raw) error {
	spaces, err := cose.ReadMap(raw)
	if err != nil {
		return err
	}
	o.digests = make(map[string]map[int64][]byte, len(spaces))
	count := 0
	for key, raw := range spaces {
		name, ok := key.(string)
		if !ok {
			return fmt.Errorf("%w: a namespace is no text", formats.ErrMalformed)
		}
		list, err := cose.ReadMap(raw)
		if err != nil {
			return fmt.Errorf("namespace %.64q: %w", name, err)
		}
		if count += len(list); count > maxDigests {
			return fmt.Errorf("%w: more than %d digests", formats.ErrTooLarge, maxDigests)
		}
		o.digests[name] = make(map[int64][]byte, len(list))
		for key, raw := range list {
			id, ok := key.(int64)
			if !ok || id < 0 {
				return fmt.Errorf("namespace %.64q: %w: a digestID is no unsigned integer", name, formats.ErrMalformed)
			}
			if o.digests[name][id], err = cose.Bytes(raw); err != nil {
				return fmt.Errorf("namespace %.64q, digest %d: %w", name, id, err)
			}
		}
	}
	return nil
}

// maxDigests of one document.
const maxDigests = 8 * maxElements

func (o *mso) readValidity(raw cose.Raw, d *defects) error {
	m, err := cose.ReadMap(raw)
	if err != nil {
		return err
	}
	for _, t := range [...]struct {
		name string
		at   *time.Time
	}{
		{"signed", &o.signed}, {"validFrom", &o.validFrom}, {"validUntil", &o.validUntil},
		{"expectedUpdate", &o.expectedUpdate},
	} {
		raw, ok := m[t.name]
		if !ok && t.name == "expectedUpdate" {
			continue
		}
		if *t.at, err = readDateTime(t.name, raw, d); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	if o.signed.IsZero() || o.validFrom.IsZero() || o.validUntil.IsZero() {
		return nil // said already
	}
	if o.validFrom.Before(o.signed) {
		d.note("9.1.2.4", "validFrom lies before signed")
	}
	if !o.validUntil.After(o.validFrom) {
		d.note("9.1.2.4", "validUntil does not lie after validFrom")
	}
	return nil
}

// readDateTime reads tdate, #6.0(tstr) of RFC 3339. Without a time that can be
// read nobody could tell whether the document is in force: fatal. The
// standard's own narrowing is noted: UTC, no fractions.
func readDateTime(name string, raw cose.Raw, d *defects) (t time.Time, err error) {
	if major, _ := cose.MajorOf(raw); major == cose.MajorText {
		d.note("9.1.2.4", "%s has no tag 0", name)
	} else {
		n, content, err := cose.Tagged(raw)
		if err != nil {
			return t, err
		}
		if n != tagDateTime {
			return t, fmt.Errorf("%w: tag %d stands where tag 0 should", formats.ErrMalformed, n)
		}
		raw = content
	}
	s, err := cose.Text(raw)
	if err != nil {
		return t, err
	}
	if t, err = parseRFC3339(s); err != nil {
		d.fatal("9.1.2.4", "%s is no time of RFC 3339: %.64q", name, s)
		return time.Time{}, nil
	}
	if len(s) != len(dateTime) {
		d.note("9.1.2.4", "%s has fractions of seconds or is not in UTC", name)
	}
	return t.UTC(), nil
}

// readDeviceKey reads to whom the document is bound. A key that cannot be read
// binds it to nobody, which is for the verifier's policy to mind.
func (o *mso) readDeviceKey(raw cose.Raw, d *defects) {
	info, err := cose.ReadMap(raw)
	if err == nil {
		o.deviceKey, err = cose.ParseKey(info["deviceKey"])
	}
	if err != nil {
		d.note("9.1.2.4", "the holder's key: %v", err)
	}
}

// readStatus reads where the document's status stands:
//
//	"status_list":     { "idx": uint, "uri": tstr, … }   Token Status List §6.3
//	"identifier_list": { "id": bstr, "uri": tstr, … }    18013-5 second edition
//
// Whoever could not read it would take the document for one that cannot be
// revoked: fatal.
func (o *mso) readStatus(raw cose.Raw, d *defects) {
	m, err := cose.ReadMap(raw)
	if err != nil {
		d.fatal("12.3.6", "status: %v", err)
		return
	}
	for _, kind := range []string{"status_list", "identifier_list"} {
		entry, ok := m[kind]
		if !ok {
			continue
		}
		o.statusKind = kind
		list, err := cose.ReadMap(entry)
		if err == nil {
			o.statusURI, err = cose.Text(list["uri"])
		}
		if err == nil && kind == "status_list" {
			o.statusIdx, err = cose.Uint(list["idx"])
		} else if err == nil {
			o.statusIdx = noIndex
			_, err = cose.Bytes(list["id"])
		}
		if err == nil && o.statusURI == "" {
			err = fmt.Errorf("%w: no address", formats.ErrMalformed)
		}
		if err != nil {
			d.fatal("12.3.6", "%s: %v", kind, err)
		}
		return
	}
	d.fatal("12.3.6", "status is of no kind that is supported, so nobody can tell whether it was revoked")
}

// noIndex stands where a status has none: nobody shall look for it at 0.
const noIndex = -1
