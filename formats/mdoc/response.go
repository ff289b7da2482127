package mdoc

import (
	"fmt"
	"strconv"

	"tamga/formats"
	"tamga/formats/internal/cose"
)

// readResponse reads
//
//	DeviceResponse = {                             8.3.2.1.2.2
//	  "version": tstr,
//	  ? "documents": [ + Document ],
//	  ? "documentErrors": […],
//	  "status": uint
//	}
func readResponse(out *formats.Document, top cose.Map) error {
	version, err := cose.Text(top["version"])
	if err != nil {
		return fmt.Errorf("version: %w", err)
	}
	var list []cose.Raw
	if raw, ok := top["documents"]; ok {
		if list, err = cose.Array(raw); err != nil {
			return fmt.Errorf("documents: %w", err)
		}
	}
	if len(list) > maxDocuments {
		return fmt.Errorf("%w: %d documents", formats.ErrTooLarge, len(list))
	}
	out.Title = fmt.Sprintf("ISO mdoc presentation (DeviceResponse) of %d documents", len(list))
	if len(list) == 1 {
		out.Title = "ISO mdoc presentation (DeviceResponse) of 1 document"
	}
	out.Facts = append(out.Facts, formats.Fact{Name: "response version", Value: people(version)})
	if status, err := cose.Uint(top["status"]); err != nil {
		return fmt.Errorf("status: %w", err)
	} else if status != 0 {
		out.Facts = append(out.Facts, formats.Fact{Name: "response status", Value: strconv.FormatInt(status, 10)})
	}
	if _, ok := top["documentErrors"]; ok {
		out.Facts = append(out.Facts, formats.Fact{Name: "documents", Value: "not all were returned"})
	}
	for i, raw := range list {
		doc, err := readDocument(raw)
		if err != nil {
			return fmt.Errorf("document %d: %w", i+1, err)
		}
		sig, prefix := doc.signature(), ""
		if len(list) > 1 {
			prefix = fmt.Sprintf("document %d: ", i+1)
		}
		sig.Name = prefix + sig.Name
		out.Signatures = append(out.Signatures, sig)
		out.Facts = append(out.Facts, doc.facts(prefix)...)
	}
	return nil
}

const maxDocuments = 64

// readDocument reads
//
//	Document = {                                   8.3.2.1.2.2
//	  "docType": tstr, "issuerSigned": IssuerSigned, "deviceSigned": DeviceSigned, ? "errors": {…}
//	}
//
// The docType here is the holder's word. The signed one is the MSO's, and must
// be the same (9.3.1): else a reader would take a library card for a licence.
func readDocument(raw cose.Raw) (*issued, error) {
	m, err := cose.ReadMap(raw)
	if err != nil {
		return nil, err
	}
	docType, err := cose.Text(m["docType"])
	if err != nil {
		return nil, fmt.Errorf("docType: %w", err)
	}
	doc, err := readIssued(m["issuerSigned"])
	if err != nil {
		return nil, err
	}
	if docType != doc.mso.docType {
		doc.defects.fatal("9.3.1", "it is shown as %s, but was signed as %s",
			people(docType), people(doc.mso.docType))
	}
	doc.readDeviceSigned(m["deviceSigned"])
	return doc, nil
}

// readDeviceSigned notes whether there is a proof of the holder in
//
//	DeviceSigned = {                               8.3.2.1.2.2
//	  "nameSpaces": #6.24(bstr), "deviceAuth": { "deviceSignature" // "deviceMac": … }
//	}
//
// To judge it takes the session in which it was made.
func (doc *issued) readDeviceSigned(raw cose.Raw) {
	m, err := cose.ReadMap(raw)
	if err != nil {
		doc.defects.note("8.3.2.1.2.2", "deviceSigned: %v", err)
		return
	}
	auth, err := cose.ReadMap(m["deviceAuth"])
	if err != nil {
		doc.defects.note("8.3.2.1.2.2", "deviceAuth: %v", err)
		return
	}
	_, signature := auth["deviceSignature"]
	_, mac := auth["deviceMac"]
	doc.presented = signature || mac
	if signature == mac {
		doc.defects.note("8.3.2.1.2.2", "deviceAuth is not one of deviceSignature and deviceMac")
	}
}
