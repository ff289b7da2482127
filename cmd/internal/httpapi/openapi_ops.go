package httpapi

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"tamga/verifier/policy"
	"tamga/verifier/report"
)

func docSign(huma.Registry) *huma.Operation {
	parts := map[string]*huma.Schema{
		"file":     filePart("The file to sign"),
		"format":   text("pades signs a PDF inside, cades any file beside; may be left out for a PDF", "pades", "cades"),
		"level":    text("B-T carries a time-stamp, B-LT and B-LTA last; if left out, B-T", "B-B", "B-T", "B-LT", "B-LTA"),
		"key":      text("Name of the signing key; if left out, the server's choice"),
		"field":    text("PDF only: name of the signature field"),
		"reason":   text("PDF only: why it is signed"),
		"location": text("PDF only: where it is signed"),

		"content":       filePart("With parallel or counter: what the signatures in file are over, if they are detached"),
		"attached":      text("CMS only: whether the file goes into the signature", "true", "false"),
		"parallel":      text("CMS only: file is a signature, which gets another beside those in it", "true", "false"),
		"counter":       text("CMS only: file is a signature; the number of the one in it to countersign, from 1"),
		"content_stamp": text("CMS only: whether the content is time-stamped before it is signed", "true", "false"),
		"commitment":    text("CMS only: origin, receipt, delivery, sender, approval, creation, or an object identifier"),
		"role":          text("CMS only: the claimed role of the signer"),
		"policy_id":     text("CMS only: object identifier of the signature policy"),
		"policy_digest": text("CMS only: digest of the policy document, such as sha256: and hexadecimal digits"),
		"policy_uri":    text("CMS only: where the policy document can be had"),
	}
	op := &huma.Operation{
		OperationID: "sign", Summary: "Sign a file",
		Description: "Answers with the signed PDF, or with the CMS signature. " +
			"With the file as the body, the other parts may stand in the query.",
		RequestBody: form(parts, "file"),
		Responses: ok(bytesOf("The signed document", "application/pdf", "application/pkcs7-signature",
			"application/pkcs7-mime", "application/cms")),
	}
	for _, name := range append([]string{"name"}, signFields...) {
		schema := parts[name]
		if name == "name" {
			schema = text("The file's name, where the body is the file")
		}
		op.Parameters = append(op.Parameters, &huma.Param{Name: name, In: "query", Schema: schema})
	}
	return op
}

func docExtend(huma.Registry) *huma.Operation {
	parts := map[string]*huma.Schema{
		"file":    filePart("The signed document, or the detached signature"),
		"content": filePart("What a detached signature is over"),
		"to":      text("T adds a time-stamp, LT evidence, LTA a time-stamp over all of it; if left out, LTA", "T", "LT", "LTA"),
		"renew":   text("Whether an archive time-stamp is added even where there is one", "true", "false"),
	}
	op := &huma.Operation{
		OperationID: "extend", Summary: "Make signatures last",
		Description: "Answers with the document, to which only things were added. " +
			"With the file as the body, the other parts may stand in the query.",
		RequestBody: form(parts, "file"),
		Responses:   ok(bytesOf("The document", "application/pdf", "application/pkcs7-signature")),
	}
	for _, name := range append([]string{"name"}, extendFields...) {
		schema := parts[name]
		if name == "name" {
			schema = text("The file's name, where the body is the file")
		}
		op.Parameters = append(op.Parameters, &huma.Param{Name: name, In: "query", Schema: schema})
	}
	return op
}

func docIssue(schemas huma.Registry) *huma.Operation {
	anything := &huma.Schema{Type: "object", AdditionalProperties: true}
	return &huma.Operation{
		OperationID: "issue", Summary: "Issue an identity document",
		Parameters: []*huma.Param{{Name: "type", In: "path", Required: true,
			Schema: text("Document type, such as pid")}},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			"application/json": {Schema: &huma.Schema{
				Type: "object", Required: []string{"claims", "holder_key"}, AdditionalProperties: false,
				Properties: map[string]*huma.Schema{
					"claims":     anything,
					"holder_key": {Type: "object", AdditionalProperties: true, Description: "The holder's public key as a JWK"},
					"formats":    {Type: "array", Items: text("", "mdoc", "sdjwt"), Description: "If left out, both"},
				},
			}},
		}},
		Responses: ok(answerOf(schemas, reflect.TypeFor[IssueAnswer](), "application/json", "The document")),
	}
}

func docVerify(schemas huma.Registry) *huma.Operation {
	var names []any
	for _, name := range policy.Names() {
		names = append(names, name)
	}
	byPolicy := text("What is required; if left out, the server's choice", names...)
	return &huma.Operation{
		OperationID: "verify", Summary: "Verify a document",
		Description: "Recognises the format by the bytes. A bad signature is an answer: 200, and the verdict says so. " +
			"With the document as the body, policy may stand in the query.",
		Parameters: []*huma.Param{{Name: "policy", In: "query", Schema: byPolicy}},
		RequestBody: form(map[string]*huma.Schema{
			"file":    filePart("The document, or the detached signature"),
			"content": filePart("What a detached signature is over"),
			"policy":  byPolicy,
		}, "file"),
		Responses: ok(answerOf(schemas, reflect.TypeFor[report.Report](), "application/json", "The report")),
	}
}

func docReportSchema(huma.Registry) *huma.Operation {
	return &huma.Operation{
		OperationID: "report-schema", Summary: "The JSON Schema of the reports",
		Responses: ok(bytesOf("JSON Schema, draft 2020-12", "application/schema+json")),
	}
}

func docTimestamp(huma.Registry) *huma.Operation {
	return &huma.Operation{
		OperationID: "timestamp", Summary: "Time-stamp a digest (RFC 3161)",
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			"application/timestamp-query": {}}},
		Responses: ok(bytesOf("A TimeStampResp, granted or not", "application/timestamp-reply")),
	}
}

func docCRL(huma.Registry) *huma.Operation {
	return &huma.Operation{
		OperationID: "crl", Summary: "A revocation list (RFC 5280)",
		Parameters: []*huma.Param{{Name: "name", In: "path", Required: true,
			Schema: text("Name of the authority, with .crl")}},
		Responses: ok(bytesOf("The list, DER", "application/pkix-crl")),
	}
}

func docHealth(schemas huma.Registry) *huma.Operation {
	return &huma.Operation{
		OperationID: "healthz", Summary: "Is the process alive?",
		Responses: ok(answerOf(schemas, reflect.TypeFor[Health](), "application/json", "Alive")),
	}
}

func docReady(schemas huma.Registry) *huma.Operation {
	op := docHealth(schemas)
	op.OperationID, op.Summary = "readyz", "Can the server do its work, and if not, why not?"
	op.Responses["503"] = problemResponse(schemas, "not-ready")
	return op
}
