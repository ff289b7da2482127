package pades_test

import (
	"bytes"
	"fmt"
	"strings"

	"tamga/formats/internal/pdf"
)

// catalogKey sets a key of the catalogue.
func catalogKey(key, value string) func(e *edit) []byte {
	return func(e *edit) []byte {
		e.rewrite(e.root, e.catalog, key, value)
		return e.done()
	}
}

func newKey(name, key, value string) attack {
	return attack{name: "catalogue: " + name, row: "P2", rule: "comparison.catalogue", strike: catalogKey(key, value)}
}

// inForm sets a key of the form, if there is one.
func inForm(key, value string) func(e *edit) []byte {
	return func(e *edit) []byte {
		e.setForm(e.get(e.catalog, "AcroForm"), key, value)
		return e.done()
	}
}

// documents are changes to what is around the pages: the catalogue, the form,
// the permissions, the signatures themselves and the evidence.
var documents = []attack{
	newKey("open action", "OpenAction", script),
	newKey("actions", "AA", "<< /WC "+script+" >>"),
	newKey("names with JavaScript", "Names", "<< /JavaScript << /Names [(x) "+script+"] >> >>"),
	newKey("attachments", "AF", "[<< /Type /Filespec /F (a.txt) >>]"),
	newKey("layers", "OCProperties", "<< /OCGs [] /D << /BaseState /OFF >> >>"),
	newKey("outlines", "Outlines", "<< /Type /Outlines /Count 9 >>"),
	newKey("page labels", "PageLabels", "<< /Nums [0 << /St 99 >>] >>"),
	newKey("viewer preferences", "ViewerPreferences", "<< /HideToolbar true >>"),
	newKey("page mode", "PageMode", "/UseAttachments"),
	newKey("language", "Lang", "(xx)"),
	newKey("structure", "StructTreeRoot", "<< /Type /StructTreeRoot >>"),
	newKey("output intents", "OutputIntents", "[<< /Type /OutputIntent /S /GTS_PDFX >>]"),
	newKey("base address", "URI", "<< /Base (https://evil.example) >>"),
	newKey("an older version", "Version", "/0.9"),
	newKey("collection", "Collection", "<< /View /D >>"),
	newKey("requirements", "Requirements", "[<< /S /EnableJavaScripts >>]"),
	newKey("needs rendering", "NeedsRendering", "true"),
	newKey("another key", "Anything", "1"),
	{name: "metadata: another title", row: "P2", rule: "comparison.metadata", strike: func(e *edit) []byte {
		xmp := "<x:xmpmeta><dc:title>Other deal</dc:title></x:xmpmeta>"
		e.rewrite(e.root, e.catalog, "Metadata", e.add(fmt.Sprintf(
			"<< /Type /Metadata /Subtype /XML /Length %d >>\nstream\n%s\nendstream", len(xmp), xmp)).String())
		return e.done()
	}},
	{name: "metadata: overwritten", row: "P2", rule: "comparison.metadata", strike: func(e *edit) []byte {
		ref, ok := e.catalog.Get("Metadata").Ref()
		if !ok {
			return nil
		}
		e.u.Set(ref, []byte("<< /Type /Metadata /Subtype /XML /Length 12 >>\nstream\n<other>x</o>\nendstream"))
		return e.done()
	}},
	{name: "information: another title", row: "P2", rule: "comparison.info", strike: func(e *edit) []byte {
		ref, ok := e.f.Trailer().Get("Info").Ref()
		if !ok {
			return nil
		}
		e.rewrite(ref, e.object(ref).Value, "Title", "(Other deal)")
		return e.done()
	}},
	{name: "information: another dictionary", row: "P2", rule: "comparison.trailer", strike: func(e *edit) []byte {
		if e.f.Trailer().Get("Info").Kind == pdf.Null {
			return nil
		}
		return e.raw(raw{bodies: []string{"900001 0 obj\n<< /Title (x) >>\nendobj"}, numbers: []int{900_001},
			trailer: "/Info 900001 0 R"})
	}},
	{name: "encryption: added", row: "P7", rule: "comparison.trailer", broken: true, strike: func(e *edit) []byte {
		return e.raw(raw{trailer: "/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <" + strings.Repeat("00", 32) +
			"> /U <" + strings.Repeat("00", 32) + "> >>"})
	}},
	{name: "form: NeedAppearances", row: "P2", rule: "comparison.acroForm", strike: func(e *edit) []byte {
		if e.get(e.catalog, "AcroForm").Get("NeedAppearances").Bool() {
			return inForm("NeedAppearances", "false")(e)
		}
		return inForm("NeedAppearances", "true")(e)
	}},
	{name: "form: XFA", row: "P2", rule: "comparison.acroForm", strike: func(e *edit) []byte {
		return inForm("XFA", e.add(stream("<xdp/>")).String())(e)
	}},
	{name: "form: XFA overwritten", row: "P2", rule: ruleDiff, plant: func(e *edit) []byte {
		at := e.add(stream("<xdp/>"))
		if e.get(e.catalog, "AcroForm").Kind != pdf.Dict {
			e.rewrite(e.root, e.catalog, "AcroForm", "<< /Fields [] /XFA "+at.String()+" >>")
			return e.done()
		}
		return inForm("XFA", at.String())(e)
	}, strike: func(e *edit) []byte {
		ref, _ := e.get(e.catalog, "AcroForm").Get("XFA").Ref()
		e.u.Set(ref, []byte(stream("<xdp>evil</xdp>")))
		return e.done()
	}},
	{name: "form: calculation order", row: "P2", rule: "comparison.acroForm", strike: inForm("CO", "[]")},
	{name: "form: default appearance", row: "P2", rule: "comparison.acroForm", strike: func(e *edit) []byte {
		if e.get(e.catalog, "AcroForm").Get("DA").Kind == pdf.Null {
			return nil
		}
		return inForm("DA", "(/F 99 Tf)")(e)
	}},
	{name: "form: a font of its resources replaced", row: "P4", rule: "comparison.resources", strike: func(e *edit) []byte {
		dict := e.get(e.catalog, "AcroForm")
		fonts := e.get(e.get(dict, "DR"), "Font")
		if len(fonts.Entries()) == 0 {
			return nil
		}
		font := "<< /Type /Font /Subtype /Type1 /BaseFont /Symbol >>"
		return inForm("DR", fmt.Sprintf("<< /Font << /%s %s >> >>", fonts.Entries()[0].Key, font))(e)
	}},
	{name: "form: removed", row: "P6", rule: "strays", strike: catalogKey("AcroForm", "null")},
	{name: "form: emptied", row: "P6", rule: "strays", strike: func(e *edit) []byte {
		return inForm("Fields", "[]")(e)
	}},
	{name: "form: an action on a field", row: "P2", rule: ruleDiff, strike: func(e *edit) []byte {
		field, _ := e.signed()
		e.rewrite(field.Ref, field.Value, "AA", "<< /E "+script+" >>")
		return e.done()
	}},
	{name: "permissions: removed", row: "P5", rule: "comparison.catalogue", strike: func(e *edit) []byte {
		if e.catalog.Get("Perms").Kind == pdf.Null {
			return nil
		}
		return catalogKey("Perms", "null")(e)
	}},
	{name: "permissions: another certification", row: "P5", rule: "comparison.catalogue", strike: func(e *edit) []byte {
		return catalogKey("Perms", "<< /DocMDP "+e.add(certificationOf(3)).String()+" >>")(e)
	}},
	{name: "permissions: the certification lowered", row: "P5", rule: ruleRange, strike: func(e *edit) []byte {
		_, sig := e.signed()
		if sig.Value.Get("Reference").Kind == pdf.Null {
			return nil
		}
		e.rewrite(sig.Ref, sig.Value, "Reference", "[<< /TransformMethod /DocMDP /TransformParams << /P 3 >> >>]")
		return e.done()
	}},
	{name: "permissions: a certification that nobody made", row: "P5", rule: "comparison.permissions",
		plant: func(e *edit) []byte {
			if e.c.level != 0 {
				return nil
			}
			e.rewrite(e.root, e.catalog, "Perms", "<< /DocMDP "+e.add(certificationOf(3)).String()+" >>")
			return e.done()
		}, strike: note("Stamp", "/Rect [1 1 2 2] /AP << /N LOOK >>")},
	{name: "legal attestation", row: "P2", rule: "comparison.catalogue", strike: catalogKey("Legal", "<< /Attestation (all is well) >>")},
	{name: "lock: a locked field is filled", row: "P5", rule: "comparison.mayFill", strike: func(e *edit) []byte {
		o := e.fieldNamed("city")
		if !e.c.locked || o.Value.Kind != pdf.Dict {
			return nil
		}
		e.rewrite(o.Ref, o.Value, "V", "(Pay 999)")
		return e.done()
	}},
	{name: "lock: a locked signature field is signed", row: "P5", rule: "comparison.mayFill", strike: func(e *edit) []byte {
		o := e.fieldNamed("Buyer")
		if !e.c.locked || o.Value.Kind != pdf.Dict {
			return nil
		}
		_, sig := e.signed()
		e.rewrite(o.Ref, o.Value, "V", e.add(string(pdfRewrite(sig.Value))).String())
		return e.done()
	}},
	{name: "signature: another one in its place", row: "P6", rule: ruleRange, strike: func(e *edit) []byte {
		field, _ := e.signed()
		e.rewrite(field.Ref, field.Value, "V", e.add("<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter "+
			"/ETSI.CAdES.detached /ByteRange [0 1 2 3] /Contents <3000> >>").String())
		return e.done()
	}},
	{name: "signature: copied to a second field", row: "P6", rule: "document.signatures", strike: func(e *edit) []byte {
		field, _ := e.signed()
		e.field("/FT /Sig /T (Director) /Rect [0 0 0 0] /V " + string(field.Value.Get("V").Raw))
		return e.done()
	}},
	{name: "signature: another reason", row: "P6", rule: ruleRange, strike: func(e *edit) []byte {
		_, sig := e.signed()
		e.rewrite(sig.Ref, sig.Value, "Reason", "(paid)")
		return e.done()
	}},
	{name: "signature: another name of the field", row: "P6", rule: ruleDiff, strike: func(e *edit) []byte {
		field, _ := e.signed()
		e.rewrite(field.Ref, field.Value, "T", "(Director)")
		return e.done()
	}},
	{name: "signature: no longer a signature field", row: "P6", rule: "document.signature", strike: func(e *edit) []byte {
		field, _ := e.signed()
		e.rewrite(field.Ref, field.Value, "FT", "/Tx")
		return e.done()
	}},
	{name: "signature: another sub-filter", row: "P6", rule: ruleRange, strike: func(e *edit) []byte {
		_, sig := e.signed()
		e.rewrite(sig.Ref, sig.Value, "SubFilter", "/adbe.x509.rsa_sha1")
		return e.done()
	}},
	{name: "evidence: a page changed beside it", row: "P2", rule: ruleDiff, strike: func(e *edit) []byte {
		e.u.Set(e.contents().Ref, []byte(stream(lie)))
		return catalogKey("DSS", "<< /Type /DSS /Certs ["+e.add(stream("x")).String()+"] >>")(e)
	}},
	{name: "evidence: a page that poses as it", row: "P2", rule: "comparison.securityStore", strike: func(e *edit) []byte {
		ref := e.contents().Ref
		e.u.Set(ref, []byte(stream(lie)))
		return catalogKey("DSS", "<< /Type /DSS /Certs ["+ref.String()+"] >>")(e)
	}},
	{name: "evidence: the page tree as a store", row: "P2", rule: "comparison.securityStore", strike: func(e *edit) []byte {
		ref, _ := e.page.Get("Parent").Ref()
		e.rewrite(ref, e.object(ref).Value, "Kids", "[]")
		return catalogKey("DSS", "<< /VRI "+ref.String()+" >>")(e)
	}},
	{name: "extensions: a page that poses as one", row: "P2", rule: ruleDiff, strike: func(e *edit) []byte {
		e.u.Set(e.at, []byte("<< /BaseVersion /1.7 /ExtensionLevel 2 >>"))
		return catalogKey("Extensions", "<< /ESIC "+e.at.String()+" >>")(e)
	}},
	{name: "planted: an object that nothing names", row: "P4", rule: ruleDiff, strike: func(e *edit) []byte {
		e.add(stream(lie))
		return e.done()
	}},
	{name: "planted: an unused page", row: "P4", rule: ruleDiff, strike: func(e *edit) []byte {
		e.add(string(pdfRewrite(e.page, "Contents", e.add(stream(lie)).String())))
		return e.done()
	}},
	{name: "content: all of it replaced before the signature", row: "P2", rule: "pki.Verify", bytes: true, strike: func(e *edit) []byte {
		o := e.contents()
		from, to, err := e.f.StreamExtent(o)
		if err != nil || to-from < 8 {
			return nil
		}
		out := bytes.Clone(e.b)
		copy(out[from:to], bytes.Repeat([]byte(" "), int(to-from)))
		return out
	}, broken: true},
}

func certificationOf(p int) string {
	return fmt.Sprintf("<< /Type /Sig /Filter /Adobe.PPKLite /Reference [<< /TransformMethod /DocMDP "+
		"/TransformParams << /P %d /V /1.2 >> >>] >>", p)
}
