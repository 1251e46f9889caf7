package fetch

// WithNetHTTP makes the transport ask as it does where TLS or a proxy is needed.
func (n *Network) WithNetHTTP() *Network {
	n.plain = nil
	return n
}
