package reload

import (
	"os"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Decode returns text in UTF-8 without the byte order mark that editors on Windows
// put before it. PowerShell writes UTF-16, which is known by its mark.
func Decode(text []byte) ([]byte, error) {
	utf8, _, err := transform.Bytes(unicode.BOMOverride(transform.Nop), text)
	return utf8, err
}

// ReadText returns what is in a file, decoded.
func ReadText(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Decode(text)
}
