package pool

// A Place is where a record is served. Two server blocks, or two views, may have one of
// the same name each.
type Place struct {
	Record string `json:"record"` // its name, absolute and lower case
	Server string `json:"server"` // the first address that the server block listens on
	View   string `json:"view"`   // "" outside views
}
