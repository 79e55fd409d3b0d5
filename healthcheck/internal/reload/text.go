package reload

import (
	"os"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Decode returns text in UTF-8 without a byte order mark, which editors on Windows write.
// The mark also shows whether text is UTF-16, which PowerShell writes.
func Decode(text []byte) ([]byte, error) {
	utf8, _, err := transform.Bytes(unicode.BOMOverride(transform.Nop), text)
	return utf8, err
}

// ReadText returns the decoded text of a file.
func ReadText(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Decode(text)
}
