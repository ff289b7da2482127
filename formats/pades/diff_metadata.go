package pades

import (
	"bytes"
	"regexp"

	"tamga/formats/internal/pdf"
)

// dated matches what tools write anew into XMP metadata (ISO 16684-1) whenever
// they save a file: when, with what, and under which number. As elements and as
// attributes.
var dated = regexp.MustCompile(`<(?:xmp|xap):(?:ModifyDate|MetadataDate|CreatorTool)>[^<]*</[^>]*>|` +
	`<(?:xmpMM|xapMM):(?:InstanceID|DocumentID)>[^<]*</[^>]*>|<pdf:Producer>[^<]*</[^>]*>|` +
	`(?:xmp|xap):(?:ModifyDate|MetadataDate|CreatorTool)="[^"<]*"|` +
	`(?:xmpMM|xapMM):(?:InstanceID|DocumentID)="[^"<]*"|pdf:Producer="[^"<]*"|x:xmptk="[^"<]*"|\s+`)

// metadata allows the metadata of the document (ISO 32000-2 §14.3.2) to be
// written anew if they say the same, but for dates and tools. Others would show
// another title or another author.
func (c *comparison) metadata() (string, error) {
	was, is := c.was.catalog.Get("Metadata"), c.is.catalog.Get("Metadata")
	if is.Kind == pdf.Null && was.Kind == pdf.Null {
		return "", nil
	}
	old, _ := was.Ref()
	now, ok := is.Ref()
	if _, changed := c.changed[now.Num]; ok && old == now && !changed {
		return "", nil
	}
	before, err := c.packet(c.old, was)
	if err != nil {
		return "", err
	}
	after, err := c.packet(c.new, is)
	if err != nil {
		return "", err
	}
	if before == nil || after == nil || !bytes.Equal(before, after) {
		return "the catalogue's /Metadata was changed", nil
	}
	c.allowRef(old, now)
	return "", nil
}

// packet reads a metadata stream without dates; nil if it is none.
func (c *comparison) packet(f *pdf.File, v pdf.Value) ([]byte, error) {
	ref, ok := v.Ref()
	if !ok {
		return nil, nil
	}
	obj, err := f.Object(ref)
	if err != nil || !obj.Stream || obj.Value.Get("Subtype").Name() != "XML" {
		return nil, err
	}
	data, _, err := f.Content(obj)
	if err != nil {
		return nil, err
	}
	return append([]byte{}, dated.ReplaceAll(data, nil)...), nil
}
