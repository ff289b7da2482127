package pdf_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats/internal/pdf"
)

// operators reads a content stream into text, one operator a line.
func operators(t testing.TB, data []byte) (string, error) {
	f, err := open(file("", "<< /Type /Catalog >>"))
	require.NoError(t, err)
	var out bytes.Buffer
	err = f.Operators(data, func(name string, operands []pdf.Value) bool {
		for _, v := range operands {
			require.True(t, bytes.Contains(data, v.Raw))
			fmt.Fprintf(&out, "%s ", v.Raw)
		}
		fmt.Fprintln(&out, name)
		return true
	})
	return out.String(), err
}

func TestOperators(t *testing.T) {
	text, err := operators(t, []byte("q 1 0 0 1 72 -.5 cm % a comment\n/F1 12 Tf[(a)-20<62>]TJ(x)' 1 2(y)\" T* true /P<</A[1]>>BDC f* Q"))
	require.NoError(t, err)
	require.Equal(t, "q\n1 0 0 1 72 -.5 cm\n/F1 12 Tf\n[(a)-20<62>] TJ\n(x) '\n1 2 (y) \"\nT*\ntrue /P <</A[1]>> BDC\nf*\nQ\n", text)
	for _, bad := range []string{"BI /W 1 ID x EI", "(open", "<zz>", "[1 2", "}", "1 0 0 --1 cm", "<< /A >> BDC", ">"} {
		_, err := operators(t, []byte(bad))
		require.True(t, isOurs(err), "%s: %v", bad, err)
	}
	_, err = operators(t, bytes.Repeat([]byte("n "), 1_000_001))
	require.ErrorContains(t, err, "operators")
}

// Whatever it is, it is read to its end or refused: one more operator behind it
// is read as well, and changes nothing of what is in front of it.
func FuzzOperators(f *testing.F) {
	f.Add([]byte("q BT /F 20 Tf 20 40 Td (Pay 100 euro) Tj ET Q"))
	f.Add([]byte("[(a) 1 (b)] TJ << /A /B >> BDC BI ID EI"))
	f.Fuzz(func(t *testing.T, data []byte) {
		text, err := operators(t, data)
		if err != nil {
			require.True(t, isOurs(err), "%v", err)
			return
		}
		more, err := operators(t, append(bytes.Clone(data), "\nq"...))
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(more, text))
		require.True(t, strings.HasSuffix(more, "q\n") && len(more) > len(text))
	})
}
