//! IEx in real containers: what it shows, what its limits stop, and that nothing of it stays.
