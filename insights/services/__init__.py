"""What can be done with the product? Each use case once, for screens, commands and jobs alike."""
