import { Module } from '@nestjs/common';
import { DeletedNames } from './deleted-names.js';
import { SubjectNames } from './subject-names.js';

@Module({ providers: [DeletedNames, SubjectNames], exports: [DeletedNames, SubjectNames] })
export class SubjectsModule {}
