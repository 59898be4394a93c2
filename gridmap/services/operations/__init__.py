"""Operations: readiness and the error log."""
