package verifier_test

import (
	"fmt"
	"os"
	"strings"
	"tamga/formats/catalog"
	"tamga/verifier"
	"tamga/verifier/report"
	"testing"
	"time"
)

func TestZZ(t *testing.T) {
	eachSample(t, func(s sample) {
		hit := false
		for _, n := range strings.Split(os.Getenv("ZZ"), ",") {
			if strings.Contains(s.path, n) {
				hit = true
			}
		}
		if !hit {
			return
		}
		doc := parse(s)
		if doc == nil {
			fmt.Println(s.path, "no doc")
			return
		}
		v := verifier.Verifier{Formats: catalog.Parsers(), Policy: lenient(), Trust: everybody(doc), Now: func() time.Time { return claimed(doc) }}
		r, err := v.Verify(t.Context(), s.input())
		if err != nil {
			fmt.Println(s.path, err)
			return
		}
		fmt.Println("=====", s.path)
		report.WriteText(os.Stdout, r, report.TextOptions{Lang: "en", Verbose: true})
	})
}
