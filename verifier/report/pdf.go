package report

import (
	"fmt"
	"io"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
)

// WritePDF writes r as A4 pages for paper and for files of record, with the
// words of [WriteHTML], which is the form for screen readers: this one has no
// structure for them. Its date is the time of the verdict, so that equal reports
// give equal bytes. Letters that its font has no picture of stand as \u{4E2D}.
func WritePDF(w io.Writer, r *Report, opts Options) error {
	p := pageOf(r, opts)
	first, err := layOut(p, r, 0)
	if err != nil {
		return err
	}
	// The second time the number of pages is known.
	s, err := layOut(p, r, first.PageCount())
	if err != nil {
		return err
	}
	if err := s.Output(w); err != nil {
		return fmt.Errorf("writing a report as PDF: %w", err)
	}
	return nil
}

func layOut(p *page, r *Report, pages int) (*sheet, error) {
	letters, err := loadLetters()
	if err != nil {
		return nil, err
	}
	s := &sheet{Fpdf: fpdf.New("P", "mm", "A4", ""), letters: letters, words: p.words, pages: pages}
	s.SetCatalogSort(true)
	s.SetDisplayMode("default", "default")
	s.SetLang(p.Lang)
	s.SetTitle(p.Title+": "+p.Name, true)
	s.SetProducer(Printable(r.Context.Tool), true)
	date := r.Context.Time.UTC()
	if date.IsZero() { // which fpdf takes for now
		date = time.Unix(0, 0).UTC()
	}
	s.SetCreationDate(date)
	s.SetModificationDate(date)
	s.SetMargins(margin, margin, margin)
	s.SetCellMargin(0)
	s.SetAutoPageBreak(false, 0)
	s.AddUTF8FontFromBytes(font, "", goregular.TTF)
	s.AddUTF8FontFromBytes(font, "B", gobold.TTF)
	s.SetFooterFunc(s.footer)
	s.AddPage()
	s.all(p)
	s.Close()
	if err := s.Error(); err != nil {
		return nil, fmt.Errorf("laying out a report as PDF: %w", err)
	}
	return s, nil
}
