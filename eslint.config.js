import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['**/dist/', 'libs/*/cjs/', '**/coverage/', '.reports/'] },
  {
    files: ['**/*.{ts,mts}'],
    extends: [tseslint.configs.recommendedTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { project: ['./tsconfig.check.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // Ports are asynchronous; an implementation may have nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      // `||` is how an empty string counts as absent, which RFC 6749 section 3.1 asks for.
      '@typescript-eslint/prefer-nullish-coalescing': 'off',
      // Nest modules are classes without members.
      '@typescript-eslint/no-extraneous-class': 'off',
      eqeqeq: ['error', 'always'],
      'no-console': 'error',
    },
  },
  {
    files: ['{apps,libs}/*/src/**/*.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        ...['ip', 'ips'].map((property) => ({
          property,
          message: 'It is what a header says. Use remoteAddress.',
        })),
      ],
    },
  },
  {
    // What others import says what it returns.
    files: ['libs/*/src/**/*.ts'],
    rules: { '@typescript-eslint/explicit-module-boundary-types': 'error' },
  },
);
