package pades

import (
	"fmt"

	"tamga/formats/internal/pdf"
)

// securityStore allows the document security store (EN 319 142-1 §5.4.2) to be
// added or rewritten:
//
//	DSS << /Type /VRI << /SHA1-hex << /Cert […] /OCSP […] /CRL […] /TU /TS >> … >>
//	       /Certs [ stream … ] /OCSPs [ stream … ] /CRLs [ stream … ] >>
//
// It holds evidence, which is judged elsewhere. The shape is fixed and its
// objects may play no other part, so that no page can pose as evidence.
func (c *comparison) securityStore() (string, error) {
	was, is := store{file: c.old}, store{file: c.new}
	if err := was.read(c.was.catalog.Get("DSS")); err != nil {
		return "", err
	}
	if err := is.read(c.is.catalog.Get("DSS")); err != nil {
		return "", err
	}
	before := map[pdf.Ref]bool{}
	for _, ref := range was.nodes {
		before[ref] = true
	}
	for _, ref := range is.nodes {
		if before[ref] {
			c.allowRef(ref, ref)
		} else {
			c.allowRef(pdf.Ref{}, ref)
		}
	}
	for _, v := range is.streams {
		if err := c.reach(v, 0); err != nil {
			return "", err
		}
	}
	return "", c.lostStores()
}

// lostStores allows new dictionaries of /Type /VRI that nothing leads to: some
// producers write them and then make their store anew. What nothing leads to
// shows nothing, and planted sees to it that nothing old does.
func (c *comparison) lostStores() error {
	for num, ref := range c.added {
		if c.allowed[num] {
			continue
		}
		obj, err := c.new.Object(ref)
		if err != nil {
			return err
		}
		if obj.Stream || obj.Value.Get("Type").Name() != "VRI" {
			continue
		}
		c.allowed[num] = true
		if err := c.reach(obj.Value, 0); err != nil {
			return err
		}
	}
	return nil
}

// store is what a document security store consists of.
type store struct {
	file    *pdf.File
	nodes   []pdf.Ref // its dictionaries and arrays
	streams []pdf.Value
}

func (s *store) read(v pdf.Value) error {
	return s.dict(v, func(key string, v pdf.Value) error {
		switch key {
		case "Certs", "OCSPs", "CRLs":
			return s.array(v)
		case "VRI":
			return s.dict(v, s.vri)
		}
		return unless(key == "Type", key)
	})
}

// vri reads the validation information of one signature.
func (s *store) vri(key string, v pdf.Value) error {
	if key == "Type" {
		return nil
	}
	if len(key) != 40 {
		return unless(false, key)
	}
	return s.dict(v, func(key string, v pdf.Value) error {
		switch key {
		case "Cert", "OCSP", "CRL":
			return s.array(v)
		case "TS":
			s.streams = append(s.streams, v)
			return nil
		}
		return unless(key == "Type" || key == "TU", key)
	})
}

func unless(ok bool, key string) error {
	if ok {
		return nil
	}
	return fmt.Errorf("a document security store with /%.40s", key)
}

// node follows v and notes the object that it leads to.
func (s *store) node(v pdf.Value, kind pdf.Kind) (pdf.Value, error) {
	if ref, ok := v.Ref(); ok {
		obj, err := s.file.Object(ref)
		if err != nil {
			return v, err
		}
		s.nodes = append(s.nodes, ref)
		v = obj.Value
		if obj.Stream {
			return v, fmt.Errorf("a document security store with stream %d out of place", ref.Num)
		}
	}
	if v.Kind != kind && v.Kind != pdf.Null {
		return v, fmt.Errorf("a document security store of the wrong shape")
	}
	if len(s.nodes)+len(s.streams) > maxReach {
		return v, fmt.Errorf("a document security store of more than %d parts", maxReach)
	}
	return v, nil
}

func (s *store) dict(v pdf.Value, each func(key string, v pdf.Value) error) error {
	v, err := s.node(v, pdf.Dict)
	if err != nil {
		return err
	}
	for _, e := range v.Entries() {
		if err := each(e.Key, e.Value); err != nil {
			return err
		}
	}
	return nil
}

func (s *store) array(v pdf.Value) error {
	v, err := s.node(v, pdf.Array)
	if err == nil {
		s.streams = append(s.streams, v.Items()...)
	}
	return err
}
