"""Pages and API: views parse a request, call one use case and render its result."""
